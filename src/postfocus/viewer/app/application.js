// @ts-check
/** The application: three pages in one document, the news from the server, and the address that names the page. */

import { PostFocus } from "../element/post-focus.js";
import { Actions } from "./actions.js";
import { get, send, sweepPath } from "./api.js";
import { startState } from "./choice.js";
import { h } from "./dom.js";
import { listen } from "./events.js";
import { fullMerges } from "./full-merge.js";
import { startFullscreen } from "./fullscreen.js";
import { keepLooks } from "./keeper.js";
import { startKeys } from "./keys.js";
import { showKeys } from "./keys-panel.js";
import { watchLayout } from "./layout.js";
import { libraryPage, removeSweep } from "./library-page.js";
import { lookPanel } from "./look-panel.js";
import { recall } from "./memory.js";
import { tellNotes } from "./notes.js";
import { panels } from "./panel.js";
import { showPhone } from "./phone-panel.js";
import { picturePage } from "./picture-page.js";
import { showPlanes } from "./planes.js";
import { closePopovers } from "./popover.js";
import { Receiver } from "./receive.js";
import { Retouch } from "./retouch.js";
import { SaveJobs } from "./save-jobs.js";
import { savePanel } from "./save-panel.js";
import { factsOf, Session } from "./session.js";
import { Store } from "./state.js";
import { applyTheme } from "./theme.js";
import { toast } from "./toasts.js";
import { startTooltips } from "./tooltip.js";
import { troubleCard, troubleHead, troubleOf, troubleToast } from "./trouble.js";
import { connectView } from "./view-link.js";
import { t } from "./words.js";

/** @typedef {import("./types.js").Brief} Brief */
/** @typedef {import("./types.js").Trouble} Trouble */

/** Milliseconds in which the server tells of a failure by itself. */
const PATIENCE = 1000;
const REFRESH = 250;

export class App {
  constructor() {
    this.store = new Store(startState());
    this.view = new PostFocus();
    this.view.tabIndex = 0;
    this.session = new Session(this.store, this.view);
    this.saves = new SaveJobs(this.store, this.session);
    this.merged = fullMerges(this.store, this.session);
    this.act = new Actions(this.store, this.session, new Retouch(this.store, this.session), {
      saveAgain: () => void this.saves.start(),
      showKeys,
      showPhone: () => void showPhone(),
    });
    this.flush = keepLooks(this.session);
    this.receiver = new Receiver(this.store, (ids) => void this.arrived(ids));
    this.line = { again: () => {}, stop: () => {} };
    this.opening = new AbortController();
    this.refreshing = 0;
    this.scrolled = 0;
    /** @type {(() => void)|null} */
    this.closedToast = null;
    /** @type {string|null} */
    this.id = null;
  }

  async start() {
    applyTheme();
    startTooltips();
    startFullscreen();
    watchLayout((layout) => this.store.set({ layout }));
    this.store.set({ peakColour: Number(recall("peak-colour", "0")) || 0 });
    this.act.brush.setSize(Number(recall("brush-size", "20")) || 0);
    this.act.brush.setSoft(Number(recall("brush-soft", "50")) || 0);
    this.build();
    startKeys(this.act, () => this.store.now.page === "picture");
    document.addEventListener("keydown", (event) => {
      if (event.key === "?" && this.store.now.page !== "picture" && !(event.target instanceof HTMLInputElement)) showKeys();
    });
    this.receiver.start();
    addEventListener("hashchange", () => void this.route());
    await this.begin();
  }

  /** Ask what is open and listen from now on. */
  async begin() {
    try {
      const whole = await get("/api/state");
      this.store.set({
        sweeps: whole.sweeps, folder: whole.folder, sample: whole.sample ?? false, phone: whole.phone ?? false,
        upload: whole.upload ?? { max_bytes: 0, max_files: 0 },
      });
    } catch (error) {
      this.trouble(troubleOf(error), t("app"), [{ word: t("try again"), press: () => void this.begin() }]);
      return;
    }
    this.listen();
    const only = this.store.now.sweeps.length === 1 ? this.store.now.sweeps[0] : null;
    if (only && !location.hash) history.replaceState(null, "", `#/s/${encodeURIComponent(only.id)}`);
    await this.route();
  }

  build() {
    const page = document.getElementById("page") ?? document.body;
    this.picture = picturePage(this.store, this.session, this.act);
    this.library = libraryPage(this.store, this.receiver, showKeys);
    this.card = h("div", { class: "trouble-page" });
    page.append(this.picture, this.library, this.card);
    panels(this.store, this.picture, {
      save: { title: "save", build: () => savePanel(this.store, this.session, this.saves.form, {
        save: () => void this.saves.start(), cancel: () => void this.saves.cancel() }) },
      look: { title: "look title", build: () => lookPanel(this.store, this.session, this.act) },
    });
    connectView(this.store, this.session, this.act);
    showPlanes(this.store, this.view);
    tellNotes(this.store);
    this.store.watch(["page"], ({ page: name }) => {
      const pages = { picture: this.picture, library: this.library, trouble: this.card };
      for (const [own, node] of Object.entries(pages)) node?.toggleAttribute("hidden", own !== name);
    });
  }

  listen() {
    this.line.stop();
    this.line = listen({
      sweep: (brief) => this.heard(brief),
      gone: (id) => this.gone(id),
      job: (job) => {
        this.saves.told(job);
        this.merged(job);
      },
      closed: (closed) => this.closed(closed),
    });
  }

  /** @param {Brief} brief */
  heard(brief) {
    const { sweeps } = this.store.now;
    const known = sweeps.some(({ id }) => id === brief.id);
    this.store.set({ sweeps: known ? sweeps.map((one) => (one.id === brief.id ? brief : one)) : [...sweeps, brief] });
    if (brief.id !== this.id) return;
    const { facts } = this.store.now;
    if (brief.state === "failed" || !facts) return void this.route();
    if (facts.state === "ready" && brief.state === "ready") return;
    if (this.refreshing) return;
    this.refreshing = setTimeout(() => void this.refresh(brief.id), brief.state === "reading" ? REFRESH : 0);
  }

  /** @param {string} id */
  async refresh(id) {
    try {
      const facts = await factsOf(id);
      if (id === this.id && facts.state === "failed") this.failed(facts);
      else if (id === this.id && this.store.now.page === "picture") await this.session.refresh(facts);
    } catch (error) {
      // If the sweep has just failed, its own page is about to say so, and better.
      setTimeout(() => { if (id === this.id && this.store.now.page === "picture") troubleToast(error); }, PATIENCE);
    } finally {
      this.refreshing = 0;
    }
    const latest = this.store.now.sweeps.find((brief) => brief.id === id);
    if (id === this.id && latest && latest.state !== this.store.now.facts?.state) this.heard(latest);
  }

  /** @param {string} id */
  gone(id) {
    const brief = this.store.now.sweeps.find((one) => one.id === id);
    this.store.set({ sweeps: this.store.now.sweeps.filter((one) => one.id !== id) });
    if (id !== this.id) return;
    if (brief) toast(t("toast gone", { name: brief.name }));
    location.hash = "#/";
  }

  /** @param {boolean} closed */
  closed(closed) {
    if (closed === this.store.now.closed) return;
    this.store.set({ closed });
    this.closedToast?.();
    this.closedToast = null;
    if (closed) {
      const again = { word: t("try again"), press: () => { this.store.set({ closed: false }); this.line.again(); } };
      this.closedToast = toast(t("toast closed"), again, { stays: true, alarm: true });
    }
  }

  /** @param {string[]} ids */
  async arrived(ids) {
    const whole = await get("/api/state").catch(() => null);
    if (whole) this.store.set({ sweeps: whole.sweeps, folder: whole.folder });
    const only = ids.length === 1 ? ids[0] : null;
    if (only) location.hash = `#/s/${encodeURIComponent(only)}`;
    else await this.route();
  }

  /** Show the page that the address names. */
  async route() {
    const match = /^#\/s\/([^/]+)$/.exec(location.hash);
    const id = match?.[1] ? decodeURIComponent(match[1]) : null;
    closePopovers();
    if (!id) return this.showLibrary();
    const brief = this.store.now.sweeps.find((one) => one.id === id);
    const failed = brief?.state === "failed";
    if (id === this.id && !failed && this.store.now.facts && this.store.now.page === "picture") return;
    if (this.store.now.page === "library") this.scrolled = this.library?.scrollTop ?? 0;
    this.flush();
    this.opening.abort();
    this.opening = new AbortController();
    const { signal } = this.opening;
    this.id = id;
    if (brief && failed) return this.failed(brief);
    try {
      const facts = await factsOf(id, signal);
      if (signal.aborted) return;
      if (facts.state === "failed") return this.failed(facts);
      this.store.set({ page: "picture", panel: null });
      document.title = `${facts.name} – ${t("app")}`;
      this.view.focus({ preventScroll: true });
      await this.session.open(facts);
    } catch (error) {
      if (signal.aborted) return;
      const gone = { title: t("gone page"), text: t("gone page text") };
      const is404 = error instanceof Error && "status" in error && error.status === 404;
      this.trouble(is404 ? gone : troubleOf(error), brief?.name ?? t("app"), [{ word: t("sweeps"), press: () => this.act.library() }]);
    }
  }

  showLibrary() {
    this.flush();
    this.opening.abort();
    const from = this.id;
    this.id = null;
    this.session.close();
    this.store.set({ page: "library" });
    document.title = t("app");
    if (this.library) this.library.scrollTop = this.scrolled;
    const link = from && this.library?.querySelector(`a[href="#/s/${CSS.escape(encodeURIComponent(from))}"]`);
    if (link instanceof HTMLElement) link.focus({ preventScroll: true });
  }

  /** A sweep that cannot be shown: why, and the ways out. @param {Pick<Brief, "id"|"name"|"file"|"error">} brief */
  failed({ id, name: stem, file, error }) {
    const name = file ?? stem;
    document.title = `${name} – ${t("app")}`;
    this.session.close();
    const others = this.store.now.sweeps.length > 1;
    this.trouble(error ?? { title: t("wrong"), text: t("wrong text") }, name, [
      { word: t("choose another"), press: () => (others ? this.act.library() : this.receiver.choose(false)) },
      { word: t("read again"), press: () => void send("POST", `${sweepPath(id)}/read`).catch(troubleToast) },
      { word: t("remove from list"), press: () => { removeSweep(this.store, id); this.act.library(); } },
    ]);
  }

  /** @param {Trouble} trouble @param {string} name of what failed @param {{word: string, press: () => void}[]} ways */
  trouble(trouble, name, ways) {
    this.card?.replaceChildren(troubleHead(name, () => this.act.library()), troubleCard(trouble, ways));
    this.store.set({ page: "trouble" });
  }
}

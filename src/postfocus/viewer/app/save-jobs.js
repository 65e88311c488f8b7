// @ts-check
/** Saving under way and done: progress for the panel, a word when it is finished. */

import { ServerSaysNo, send } from "./api.js";
import { OVER } from "./events.js";
import { sentence } from "./notes.js";
import { fetchSaved, rememberedForm, rightWhat, startSaving } from "./saving.js";
import { toast } from "./toasts.js";
import { troubleToast } from "./trouble.js";
import { number, t } from "./words.js";

/** @typedef {import("./types.js").Job} Job */
/** @typedef {import("./choice.js").State} State */
/** @typedef {{kind?: "range"|"all", slots: number[]}} Asked what the files of a job will show */

export class SaveJobs {
  /** @param {import("./state.js").Store<State>} store @param {import("./session.js").Session} session */
  constructor(store, session) {
    this.store = store;
    this.session = session;
    this.form = rememberedForm();
    /** @type {Map<string, Asked>} */
    this.mine = new Map();
    /** @type {Map<string, Job>} told before the answer came */
    this.early = new Map();
  }

  /** Save with the form as it is; without the panel, what is on screen. */
  async start() {
    const { facts, panel, job } = this.store.now;
    if (!facts || (job && !OVER.includes(job.state))) return;
    if (panel !== "save") this.form.what = rightWhat(this.store.now, this.form.what === "kept");
    const asked = this.asked();
    try {
      const started = await startSaving(this.session, this.form);
      this.mine.set(started.id, asked);
      const early = this.early.get(started.id);
      this.early.clear();
      this.told(started);
      if (early) this.told(early);
    } catch (error) {
      troubleToast(error);
    }
  }

  /** @returns {Asked} */
  asked() {
    const { what } = this.form;
    const { kept, at } = this.store.now;
    if (what === "range" || what === "all") return { kind: what, slots: [] };
    return { slots: what === "kept" ? kept : [this.session.slotAt(Math.round(at))] };
  }

  async cancel() {
    const { job } = this.store.now;
    if (job) await send("DELETE", `/api/jobs/${encodeURIComponent(job.id)}`).catch(troubleToast);
  }

  /** @param {Job} job */
  told(job) {
    if (job.kind !== "save") return;
    const asked = this.mine.get(job.id);
    if (!asked) {
      this.early.set(job.id, job);
      return;
    }
    const here = this.store.now.facts?.id === job.sweep;
    if (here) this.store.set({ job });
    if (!OVER.includes(job.state)) return;
    this.mine.delete(job.id);
    if (job.state === "failed" && job.error) troubleToast(new ServerSaysNo(500, job.error));
    if (job.state === "cancelled") toast(t("toast cancelled"));
    if (job.state === "done") this.done(job, here, asked);
  }

  /** @param {Job} job @param {boolean} here @param {Asked} asked */
  done(job, here, { kind, slots }) {
    /** @type {import("./types.js").SavedFile[]} */
    const files = (job.result?.files ?? []).map((file, i) => ({ ...file, slot: slots[i] ?? null, ...(kind ? { kind } : {}) }));
    fetchSaved(job);
    if (here) this.store.set({ saved: [...files].reverse().concat(this.store.now.saved) });
    const [first] = files;
    for (const words of new Set(files.flatMap(({ notes }) => notes ?? []))) toast(sentence(words));
    if (!first || (here && this.store.now.panel === "save")) return;
    const words = files.length === 1 ? t("toast saved", { name: first.name }) : t("toast saved k", { k: number(files.length) });
    toast(words, here ? { word: t("show"), press: () => this.store.set({ panel: "save" }) } : null);
  }
}

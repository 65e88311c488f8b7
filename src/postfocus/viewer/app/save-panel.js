// @ts-check
/** The save panel: what, format, quality, name and place; then what was saved. */

import { fileAt, frameAt, framesOf } from "./choice.js";
import { action, segments } from "./controls.js";
import { attr, h, icon, text } from "./dom.js";
import { notesOf } from "./notes.js";
import { nameField, nameTrouble } from "./save-name.js";
import { savedList } from "./saved-list.js";
import { aboutBytes, FORMATS, merges, rememberForm, rightWhat, template } from "./saving.js";
import { seconds } from "./status.js";
import { megabytes, number, t } from "./words.js";

/** @typedef {import("./choice.js").State} State */
/** @typedef {import("./saving.js").SaveForm} SaveForm */
/** @typedef {import("./saving.js").What} What */
/** @typedef {import("./words.js").Word} Word */

/** Kept frames whose numbers are said. */
const MOST_NAMED = 4;
/** @type {[What, Word][]} */
const WHATS = [["frame", "save frame"], ["kept", "save kept"], ["range", "save range"], ["all", "save all"]];

/**
 * @param {import("./state.js").Store<State>} store
 * @param {import("./session.js").Session} session
 * @param {SaveForm} form
 * @param {{save: () => void, cancel: () => void}} run
 */
export function savePanel(store, session, form, run) {
  form.what = rightWhat(store.now, store.now.kept.length > 0 && form.what === "kept");
  const redraw = () => {
    rememberForm(form);
    show(store.now);
  };
  const what = whatChoice(form, redraw);
  const format = segments({
    label: t("format"), choices: FORMATS.map(([value, word]) => [value, word]), value: form.format,
    choose: (value) => { form.format = /** @type {SaveForm["format"]} */ (value); redraw(); },
  });
  const quality = qualitySlider(form, redraw);
  const name = nameField(form, session, redraw);
  const where = segments({
    label: t("where"), choices: [["beside", t("beside")], ["download", t("download")]], value: form.where,
    choose: (value) => { form.where = /** @type {SaveForm["where"]} */ (value); redraw(); },
  });
  const whereField = h("div", { class: "field where" }, h("span", { class: "caption" }, t("where")), where);
  const place = locationField(form, redraw);
  const about = h("p", { class: "about", id: "save-about" });
  const warning = h("ul", { class: "notes-list merge-notes" });
  const save = h("button", { type: "submit", class: "action solid big" });
  const progress = h("progress", { class: "progress", max: 100 });
  const working = h("p", { class: "about", role: "status" });
  const cancel = action(t("cancel"), run.cancel, "edged");
  const busy = h("div", { class: "busy" }, working, progress, cancel);
  const saved = savedList();
  const node = h("form", { class: "save-form", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); if (canSave(form)) run.save(); } },
    h("div", { class: "panel-body" },
      what.node,
      h("div", { class: "field" }, h("span", { class: "caption" }, t("format")), format),
      quality.node, name.node, whereField, place, warning, about, saved.node),
    h("div", { class: "panel-foot" }, save, busy));

  /** @param {State} now */
  function show(now) {
    const { facts } = now;
    if (!facts) return;
    what.show(now);
    quality.show();
    name.show();
    attr(whereField, "hidden", !facts.beside);
    attr(place, "hidden", !facts.location);
    const bytes = aboutBytes(form, facts.width, facts.height);
    const size = t(facts.location && !form.location ? "about placeless" : "about", { w: facts.width, h: facts.height, m: megabytes(bytes) });
    text(about, merges(form.what) ? `${t("full size later")} ${size}` : size);
    const notes = merges(form.what) ? notesOf(facts) : [];
    attr(warning, "hidden", notes.length === 0);
    warning.replaceChildren(...notes.map((words) => h("li", {}, icon("warn"), h("span", {}, words))));
    const count = form.what === "kept" ? now.kept.length : 1;
    text(save, count === 1 ? t("save 1") : t("save k", { k: number(count) }));
    save.disabled = !canSave(form) || count === 0;
    showJob(now);
  }

  /** @param {State} now */
  function showJob({ job, saved: files, facts }) {
    const running = job?.kind === "save" && (job.state === "running" || job.state === "waiting");
    attr(save, "hidden", running);
    attr(busy, "hidden", !running);
    if (running && job) {
      const s = seconds(job.seconds_left);
      const values = { i: Math.min(job.total, job.done + 1), k: job.total };
      text(working, !job.total ? t("saving start") : s ? t("saving left", { ...values, s }) : t("saving", values));
      if (job.total) progress.value = (100 * job.done) / job.total;
      else progress.removeAttribute("value");
    }
    saved.show(files, facts);
  }

  const stop = store.watch(["facts", "at", "kept", "range", "mode", "job", "saved"], show);
  return { node, stop };
}

/** @param {SaveForm} form */
function canSave(form) {
  return nameTrouble(template(form)) === null;
}

/** @param {SaveForm} form @param {() => void} redraw */
function whatChoice(form, redraw) {
  const rows = WHATS.map(([value, word]) => {
    const input = h("input", { type: "radio", name: "what", value, class: "unseen", onchange: () => { form.what = value; redraw(); } });
    const worth = h("span", { class: "worth" });
    const file = h("bdi", { class: "what-file", hidden: true });
    return { value, input, worth, label: h("label", { class: "what" }, input, h("i", { class: "dot" }), h("span", { class: "what-word" }, t(word), file), worth), file };
  });
  const node = h("div", { class: "whats", role: "radiogroup", "aria-label": t("what") }, ...rows.map((row) => row.label));
  return {
    node,
    /** @param {State} now */
    show(now) {
      const n = now.facts?.count ?? 0;
      const ready = now.facts?.state === "ready";
      const worth = {
        frame: now.facts ? String(frameAt(now.facts, now.at)) : "", kept: keptWords(now),
        range: now.facts && now.range ? t("save range value", framesOf(now.facts, now.range)) : "", all: t("save all value", { n: number(n) }),
      };
      const seen = { frame: true, kept: now.kept.length > 0, range: ready && now.range !== null, all: ready };
      if (!seen[form.what]) form.what = "frame";
      for (const row of rows) {
        attr(row.label, "hidden", !seen[row.value]);
        row.input.checked = row.value === form.what;
        text(row.worth, worth[row.value]);
        const own = row.value === "frame" && now.facts ? fileAt(now.facts, now.at) : null;
        attr(row.file, "hidden", own === null);
        text(row.file, own ?? "");
        row.file.title = own ?? "";
      }
    },
  };
}

/** Their numbers, or how many when they are many. @param {State} now */
function keptWords({ kept, facts }) {
  if (kept.length > MOST_NAMED) return t("save kept value", { n: number(kept.length) });
  return kept.map((slot) => facts?.frames[slot] ?? slot).join(", ");
}

/** @param {SaveForm} form @param {() => void} redraw */
function qualitySlider(form, redraw) {
  const value = h("output", { class: "worth strong", for: "quality" });
  const range = h("input", { type: "range", id: "quality", min: 40, max: 100, value: form.quality, oninput: () => { form.quality = Number(range.value); redraw(); } });
  const note = h("p", { class: "about" });
  const row = h("div", { class: "row" }, h("label", { class: "caption", for: "quality" }, t("quality")), value);
  const node = h("div", { class: "field" }, row, range, note);
  return {
    node,
    show() {
      const lossless = form.format === "png" || form.format === "tif";
      attr(row, "hidden", lossless);
      attr(range, "hidden", lossless);
      attr(note, "hidden", !lossless);
      text(note, t(form.format === "tif" ? "sixteen" : "lossless"));
      text(value, number(form.quality));
      range.style.setProperty("--part", `${((form.quality - 40) / 60) * 100}%`);
    },
  };
}

/** @param {SaveForm} form @param {() => void} redraw */
function locationField(form, redraw) {
  const box = h("input", { type: "checkbox", onchange: () => { form.location = box.checked; redraw(); } });
  box.checked = form.location;
  const label = h("label", { class: "check" }, box, h("span", {}, t("location")));
  label.dataset.tip = t("location note");
  return label;
}

// What sweeps and saved pictures are called.
import assert from "node:assert/strict";
import test from "node:test";
import { namesOf } from "../../src/postfocus/viewer/app/naming.js";
import { fromWords, inWords, nameTrouble } from "../../src/postfocus/viewer/app/save-name.js";

test("a sweep has its extension only where it needs it", () => {
  const brief = (id, name, file, state = "ready") => ({ id, name, file, state });
  const names = namesOf([brief("a", "P1", "P1.MP4"), brief("b", "P1", "P1.MOV"), brief("c", "P2", "P2.MP4"), brief("d", "P3", "P3.MP4", "failed"), brief("e", "P4", undefined, "failed")]);
  assert.deepEqual([...names.values()], ["P1.MP4", "P1.MOV", "P2", "P3.MP4", "P4"]);
});

test("the fields of a name are words, there and back", () => {
  for (const own of ["{stem}_focus-{frame}", "{date} {time}{kind}", "plain", "{unknown}", "{"]) assert.equal(fromWords(inWords(own)), own);
  assert.equal(inWords("{stem}"), "{name}");
  assert.equal(fromWords("{ Name }-{FRAME}"), "{stem}-{frame}");
});

test("a name that cannot be is refused in words", () => {
  for (const wrong of ["", "  ", "a/b", "a\\b", "{nonsense}"]) assert.notEqual(nameTrouble(wrong), null);
  for (const right of ["{stem}", "a {frame}", "a{"]) assert.equal(nameTrouble(right), null);
});

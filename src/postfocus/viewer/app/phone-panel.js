// @ts-check
/** The address of this page for a phone on the same network, as a square code. */

import { get } from "./api.js";
import { dialog } from "./dialog.js";
import { h } from "./dom.js";
import { t } from "./words.js";

export async function showPhone() {
  const body = h("div", { class: "phone" });
  dialog("phone", t("phone title"), body);
  try {
    const { url, svg } = await get("/api/phone");
    const picture = h("img", { alt: t("phone alt"), class: "code", width: 240, height: 240 });
    picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    body.append(picture, h("p", {}, t("phone text")), h("p", { class: "address" }, h("code", {}, url)));
  } catch {
    body.append(h("p", {}, t("phone off")));
  }
}

// @ts-check
/** The page begins: it asks what is open, shows that, and listens. */

import { App } from "./application.js";
import { loadIcons } from "./dom.js";

loadIcons().catch(() => undefined);
const app = new App();
void app.start();

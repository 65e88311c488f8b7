// @ts-check
/** The page begins: it asks what is open, shows that, and listens. */

import { App } from "./application.js";

const app = new App();
void app.start();

// What was acknowledged or sent again is shown at once.
import { refresh } from "./live.js";

document.getElementById("board")?.addEventListener("api-done", () => refresh("#board"));

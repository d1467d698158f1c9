// What every page of somebody who is signed in starts with.
import "./api.js";
import "./drafts.js";
import * as keys from "./keys.js";
import * as live from "./live.js";

keys.start();
if (document.getElementById("strip")) live.start();

// A menu closes when one clicks or moves elsewhere.
for (const name of ["click", "focusin"]) {
  document.addEventListener(name, (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
}

// "Call back later": a time of today within the calling hours, picked or typed.
import { now as serverTime } from "./live.js";
import { word } from "./words.js";

const $ = (id) => document.getElementById(id);

export class LaterTime {
  constructor(desk) {
    this.zone = desk.dataset.zone;
  }

  get windows() {
    return [...$("windows").querySelectorAll("[data-from]")].map(({ dataset }) => [minutes(dataset.from), dataset.to === "00:00" ? 1440 : minutes(dataset.to)]);
  }

  isOpen(at) {
    return this.windows.some(([from, to]) => from <= at && at < to);
  }

  /** Minutes since midnight by the department's clock: neither the browser's zone nor this PC's clock, which may be wrong. */
  here() {
    const parts = new Intl.DateTimeFormat("en-GB", { timeZone: this.zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    return minutes(parts.format(new Date(serverTime())));
  }

  /** Why this cannot be promised, in a sentence; "" when it can, as far as one sees here: the server reads the time. */
  problem({ day }) {
    const { min: today, validity } = $("later-day");
    return validity.badInput || (day && day !== today) ? word("other-day") : "";
  }

  /** What a form holds, with its time as the API takes it. */
  promise({ time, day, ...values }) {
    return time === undefined ? values : { ...values, at: time };
  }

  /** Offer the next half hours. */
  pick() {
    const step = 30;
    const first = Math.ceil((this.here() + 10) / step) * step;
    const times = [];
    for (let at = first; at < 1440 && times.length < 8; at += step) if (this.isOpen(at)) times.push(at);
    $("later-picks").replaceChildren(...times.map((at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = shown(at);
      button.addEventListener("click", () => {
        $("later-time").value = shown(at);
        $("later-time").dispatchEvent(new Event("input", { bubbles: true }));
        $("later-time").focus();
      });
      return button;
    }));
  }
}

const minutes = (clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
const shown = (at) => `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;

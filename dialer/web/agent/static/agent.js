// The agent's page: what the server says is shown by the live fragment; here are the keys, the remarks and the results.
import { api, explain, Refusal, toast } from "./api.js";
import { now as serverTime, on, refresh } from "./live.js";
import { Remarks } from "./agent-remarks.js";
import { word } from "./words.js";

const desk = document.getElementById("desk");
if (desk) start();

function start() {
  const $ = (id) => document.getElementById(id);
  const now = $("now");
  const me = document.body.dataset.staff;
  const remarks = new Remarks($("remarks"), $("remarks-state"), me);
  const forms = new Map([...desk.querySelectorAll(".result-form")].map((form) => [form.dataset.result, form]));
  const pads = [...desk.querySelectorAll(".pad")];
  let facts = {};
  let open = ""; // the result whose form is open
  let warned = ""; // the call for which N was pressed without a result

  // -- what the server says ----------------------------------------------------------------------

  let soon = 0;
  function look() {
    soon ||= setTimeout(() => { soon = 0; refresh(now); }, 10); // the events of one commit come together
  }
  on("agent", (agent) => { if (agent.number === me) look(); });
  on("attempt", (attempt) => { if (attempt.agent === me) look(); });
  on("visit", look);
  on("order", look);
  now.addEventListener("live-replaced", show);

  function show() {
    const before = facts;
    facts = { ...$("call-facts").dataset };
    const inCall = facts.presence === "ringing" || facts.presence === "on_call";
    desk.dataset.shown = facts.shown;
    if (before.attempt !== undefined && before.attempt !== facts.attempt) close();
    remarks.of(facts.attempt, facts.remarks, facts.remarksAt);
    $("remarks-box").hidden = !facts.attempt;
    $("results").hidden = !facts.attempt;
    const usable = facts.canResult === "1";
    for (const pad of pads) {
      pad.disabled = !usable;
      pad.setAttribute("aria-pressed", String(usable && pad.dataset.result === facts.result));
    }
    $("result-for").textContent = usable ? (facts.shown === "1" ? "" : `${word("for")} ${facts.shop}`) : word("when-talking");
    desk.dataset.situation = open || facts.result || "opening";
    $("next").disabled = facts.presence === "ready" || (inCall && !facts.afterCall);
    $("next").querySelector(".label").textContent = word(facts.presence === "signed_out" ? "begin" : "next");
    $("next").dataset.keyName = $("next").querySelector(".label").textContent;
    $("pause").disabled = facts.presence === "paused" || facts.presence === "signed_out" || facts.afterCall === "paused";
    $("hang-up").disabled = facts.liveCall !== "1";
    $("leave").disabled = facts.presence === "signed_out";
  }

  // -- presence ----------------------------------------------------------------------------------

  async function presence(wanted, reason = "") {
    await remarks.flush();
    await told(api("PUT", `/agents/${me}/presence`, { presence: wanted, reason }));
    if (wanted === "paused" && facts.liveCall === "1") toast(word("pause-after"));
    look();
  }

  $("next").addEventListener("click", () => {
    const missing = facts.presence === "wrap_up" && facts.canResult === "1" && !facts.result;
    if (missing && warned !== facts.attempt) {
      warned = facts.attempt;
      toast(word("no-result"), "warn");
      return;
    }
    presence("ready");
  });
  $("pause").addEventListener("click", () => { $("pause-text").value = ""; $("pause-dialog").showModal(); });
  $("leave").addEventListener("click", () => { if (window.confirm(word("leave"))) presence("signed_out"); });
  $("hang-up").addEventListener("click", async () => {
    if (facts.attempt && facts.liveCall === "1") await told(api("POST", `/attempts/${facts.attempt}/hang-up`));
  });
  function pauseFor(reason) {
    $("pause-dialog").close();
    presence("paused", reason);
  }
  for (const button of desk.ownerDocument.querySelectorAll(".pause-reason")) {
    button.addEventListener("click", () => pauseFor(button.dataset.reason));
  }
  $("pause-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if ($("pause-text").value.trim()) pauseFor($("pause-text").value.trim());
  });

  // -- results -----------------------------------------------------------------------------------

  for (const pad of pads) {
    pad.addEventListener("click", () => {
      const { result, final } = pad.dataset;
      // While they talk every result can still be taken back; afterwards a final one takes effect at once.
      if (forms.has(result) && (final !== "1" || facts.talking !== "1")) openForm(result);
      else save({ result });
    });
  }

  function openForm(result) {
    open = result;
    desk.dataset.situation = result;
    $("pads").hidden = true;
    for (const [name, form] of forms) form.hidden = name !== result;
    const form = forms.get(result);
    form.querySelector(".form-problem").textContent = "";
    const { time, text } = form.elements;
    if (time) pick();
    if (text) text.value ||= remarks.text;
    (form.querySelector("input, textarea") ?? form.querySelector("button")).focus();
  }

  function close() {
    open = "";
    for (const form of forms.values()) {
      form.hidden = true;
      form.reset();
    }
    $("pads").hidden = false;
    desk.dataset.situation = facts.result || "opening";
  }

  async function save(body, form) {
    const attempt = facts.attempt;
    try {
      await api("PUT", `/attempts/${attempt}/disposition`, body, { quiet: form !== undefined });
    } catch (error) {
      if (form === undefined) return;
      const problem = error instanceof Refusal ? explain(error) : word("failed");
      form.querySelector(".form-problem").textContent = problem; // what was typed stays
      return;
    }
    if (attempt === facts.attempt) facts.result = body.result;
    toast(word("result-saved"));
    close();
    document.activeElement?.blur?.();
    look();
  }

  for (const form of forms.values()) {
    form.querySelector("[data-back]").addEventListener("click", () => { close(); document.activeElement?.blur?.(); });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.target.matches("button") || event.shiftKey) return;
      event.preventDefault();
      const fields = [...form.querySelectorAll("input, textarea")];
      const next = fields[fields.indexOf(event.target) + 1];
      if (!form.elements.time && next && event.target.value.trim() && !event.ctrlKey) next.focus();
      else form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const result = form.dataset.result;
      const { time, day, ...values } = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
      if (time === undefined) save({ result, ...values }, form);
      else promise(form, time, day);
    });
  }

  // -- later: a time, picked or typed -----------------------------------------------------------------

  const windows = () => [...$("windows").querySelectorAll("[data-from]")].map(({ dataset }) => [minutes(dataset.from), dataset.to === "00:00" ? 1440 : minutes(dataset.to)]);

  function here() {
    // The department's clock: neither the browser's time zone nor this PC's clock, which may be wrong.
    const parts = new Intl.DateTimeFormat("en-GB", { timeZone: desk.dataset.zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    return minutes(parts.format(new Date(serverTime())));
  }

  function promise(form, typed, day) {
    const problem = form.querySelector(".form-problem");
    const at = clockOf(typed);
    const { min: today, validity } = $("later-day");
    if (!at) problem.textContent = word("no-time");
    else if (validity.badInput || (day && day !== today)) problem.textContent = word("other-day");
    else if (minutes(at) <= here()) problem.textContent = word("past");
    else if (!windows().some(([from, to]) => from <= minutes(at) && minutes(at) < to)) problem.textContent = word("outside");
    else save({ result: form.dataset.result, at }, form);
  }

  function pick() {
    const step = 30;
    const first = Math.ceil((here() + 10) / step) * step;
    const times = [];
    for (let at = first; at < 1440 && times.length < 8; at += step) {
      if (windows().some(([from, to]) => from <= at && at < to)) times.push(at);
    }
    $("later-picks").replaceChildren(...times.map((at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = shown(at);
      button.addEventListener("click", () => { $("later-time").value = shown(at); $("later-time").focus(); });
      return button;
    }));
  }

  // -- Escape leaves the remarks -----------------------------------------------------------------------

  $("remarks").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    $("remarks").blur();
  });

  on("back", () => { remarks.sendAll(); look(); });
  show();
  remarks.sendAll();
}

async function told(asked) {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof TypeError)) throw error; // api() has told the person
  }
}

/** "1030", "10:30", "930" or "9" as HH:MM; "" when it is no time. */
export function clockOf(typed) {
  const found = /^(\d{1,2})[:.\uff1a]?([0-5]\d)?$/.exec(typed) ?? /^(\d)([0-5]\d)$/.exec(typed);
  if (!found || Number(found[1]) > 23) return "";
  return shown(Number(found[1]) * 60 + Number(found[2] ?? 0));
}

const minutes = (clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
const shown = (at) => `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;

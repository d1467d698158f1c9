// The agent's page: what the server says is shown by the live fragment; here are the keys, the remarks and the results.
import { api, Refusal, toast, wish } from "./api.js";
import { on, refresh } from "./live.js";
import { Remarks } from "./agent-remarks.js";
import { Results } from "./agent-results.js";
import { word } from "./words.js";

const desk = document.getElementById("desk");
if (desk) start();

function start() {
  const $ = (id) => document.getElementById(id);
  const now = $("now");
  const me = document.body.dataset.staff;
  const remarks = new Remarks($("remarks"), $("remarks-state"), me);
  const results = new Results(desk, { moved: hold, saved, remarks: () => remarks.text });
  let facts = {};
  let chosen = ""; // an earlier call whose result is to be entered or corrected
  let written = ""; // the call whose remarks are being written
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

  /** The card stays with what is being written: with an open form, and with remarks in the middle of a word. */
  function hold() {
    const call = results.open?.attempt || written || chosen;
    const wanted = call ? `/pages/agent/now?call=${call}` : "/pages/agent/now";
    if (now.dataset.live !== wanted) {
      now.dataset.live = wanted;
      if (call !== facts.attempt) look();
    }
    show();
  }

  function show() {
    const before = facts.liveCall;
    facts = { ...$("call-facts").dataset };
    if (chosen && facts.liveCall && facts.liveCall !== before) return choose(""); // the next customer goes before
    facts.chosen = chosen && chosen === facts.attempt ? chosen : "";
    $("unchoose").hidden = !chosen || results.open !== null;
    if (facts.shown !== desk.dataset.shown) refresh("#calls");
    const inCall = facts.presence === "ringing" || facts.presence === "on_call";
    desk.dataset.shown = facts.shown;
    remarks.of(facts.attempt, facts.remarks, facts.remarksAt);
    results.show(facts);
    $("remarks-box").hidden = !facts.attempt;
    const busy = results.open !== null; // first what is open
    $("next").disabled = busy || facts.presence === "ready" || (inCall && !facts.afterCall);
    $("next").querySelector(".label").textContent = word(facts.presence === "signed_out" ? "begin" : "next");
    $("next").dataset.keyName = $("next").querySelector(".label").textContent;
    $("pause").disabled = busy || facts.presence === "paused" || facts.presence === "signed_out" || facts.afterCall === "paused";
    $("hang-up").disabled = !facts.liveCall;
    $("leave").disabled = busy || facts.presence === "signed_out";
  }

  // -- the calls of today ------------------------------------------------------------------------

  function choose(call) {
    chosen = call;
    delete desk.dataset.calls;
    hold();
  }

  function list() {
    if (desk.dataset.shown === "1") desk.toggleAttribute("data-calls");
    refresh("#calls");
    document.querySelector("#calls [data-call]")?.focus();
  }

  desk.addEventListener("click", ({ target }) => {
    const call = target.closest("[data-call]")?.dataset.call;
    if (call) choose(call);
    else if (target.closest("#my-calls")) list();
    else if (target.closest("#unchoose")) choose("");
  });
  $("calls").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const rows = [...$("calls").querySelectorAll("[data-call]")];
    if (!step || !rows.includes(event.target)) return;
    event.preventDefault();
    rows[rows.indexOf(event.target) + step]?.focus();
  });

  /** What an answer has told already need not wait for the next look. */
  function learn(told) {
    Object.assign($("call-facts").dataset, told);
    show();
    look();
  }

  function saved(attempt, { result, order = "", quantity = "", amount = "" }) {
    learn(attempt === facts.attempt ? { result, order, quantity, amount } : {});
    refresh("#calls");
    if (attempt === chosen) choose("");
  }

  // -- presence ----------------------------------------------------------------------------------

  function presence(wanted, reason = "") {
    return wish("presence", async () => {
      await remarks.flush();
      const agent = await told(api("PUT", `/agents/${me}/presence`, { presence: wanted, reason }));
      if (agent && wanted === "paused" && facts.liveCall) toast(word("pause-after"));
      learn(agent ? { presence: agent.presence, afterCall: agent.after_call ?? "" } : {});
    });
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
  $("hang-up").addEventListener("click", () => wish("hang-up", () => told(api("POST", `/attempts/${facts.liveCall}/hang-up`))));
  document.querySelector('form[action="/sign-out"]').addEventListener("submit", (event) => {
    if (facts.liveCall && !window.confirm(word("sign-out"))) event.preventDefault();
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

  // -- remarks -----------------------------------------------------------------------------------

  $("remarks").addEventListener("input", () => { written = facts.attempt; hold(); });
  $("remarks").addEventListener("blur", () => { written = ""; hold(); });
  $("remarks").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    $("remarks").blur();
  });

  on("back", () => { remarks.sendAll(); look(); });
  show();
  results.follow();
  remarks.sendAll();
}

async function told(asked) {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof TypeError)) throw error; // api() has told the person
    return null;
  }
}

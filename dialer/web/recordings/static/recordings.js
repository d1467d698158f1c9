// The player: the sound is fetched when somebody presses play, not before, so that the books say who listened.
import { api, toast } from "./api.js";
import { refresh } from "./live.js";
import { word } from "./words.js";

const player = document.getElementById("player");
const audio = document.getElementById("audio");
const marks = document.getElementById("marks");
const attempt = marks?.dataset.live.split("/")[3];
const path = `/recordings/${encodeURIComponent(attempt)}/marks`;
const form = document.getElementById("mark-form");
const begun = form?.elements.namedItem("begun"); // the second at which the note was begun; "": none is

const shown = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
};

/** The second that a mark is for: that at which its note was begun, or the present one; told on the button. */
function markedAt() {
  const at = begun?.value ? Number(begun.value) : Number(audio.currentTime.toFixed(2));
  const told = document.getElementById("mark-at");
  if (told) told.textContent = shown(at);
  return at;
}

if (player) startPlayer();
startMarks();

function startPlayer() {
  const wave = document.getElementById("wave");
  const head = document.getElementById("head");
  const played = document.getElementById("played");
  const length = Number(player.dataset.duration);

  function draw() {
    const at = audio.currentTime;
    const percent = `${Math.min(100, (100 * at) / Math.max(length, 0.001)).toFixed(3)}%`;
    head.setAttribute("x1", percent);
    head.setAttribute("x2", percent);
    played.setAttribute("width", percent);
    const text = shown(at);
    if (wave.getAttribute("aria-valuetext") !== text) {
      wave.setAttribute("aria-valuenow", String(Math.floor(at)));
      wave.setAttribute("aria-valuetext", text);
      document.getElementById("position").textContent = text;
      markedAt();
    }
    if (!audio.paused) requestAnimationFrame(draw);
  }

  function seek(seconds) {
    audio.currentTime = Math.min(Math.max(0, seconds), Math.max(0, length - 0.05));
    draw();
  }

  async function toggle() {
    if (!audio.paused) return audio.pause();
    if (audio.ended) audio.currentTime = 0;
    try {
      await audio.play();
    } catch (error) {
      if (error.name !== "AbortError") toast(word("rec-failed"), "bad");
    }
  }

  function told() {
    document.getElementById("play-word").textContent = word(audio.paused ? "rec-play" : "rec-pause");
    draw();
  }

  document.getElementById("play").addEventListener("click", toggle);
  for (const name of ["play", "pause", "ended", "seeked", "timeupdate"]) audio.addEventListener(name, told);
  player.addEventListener("click", (event) => {
    const { step: by, seek: to, speed } = event.target.closest("button")?.dataset ?? {};
    if (by) seek(audio.currentTime + Number(by));
    if (to) seek(Number(to));
    if (speed) {
      audio.playbackRate = audio.defaultPlaybackRate = Number(speed);
      for (const each of player.querySelectorAll("[data-speed]")) each.setAttribute("aria-pressed", String(each.dataset.speed === speed));
    }
  });

  const at = (event) => {
    const box = wave.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * length;
  };
  wave.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    wave.setPointerCapture(event.pointerId);
    seek(at(event));
  });
  wave.addEventListener("pointermove", (event) => {
    if (wave.hasPointerCapture(event.pointerId)) seek(at(event));
  });
  wave.addEventListener("keydown", (event) => {
    const to = {
      ArrowRight: audio.currentTime + 5, ArrowUp: audio.currentTime + 5, ArrowLeft: audio.currentTime - 5,
      ArrowDown: audio.currentTime - 5, PageUp: audio.currentTime + 30, PageDown: audio.currentTime - 30, Home: 0, End: length,
    }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    seek(to);
  });

  function lines() {
    const group = document.getElementById("mark-lines");
    group.replaceChildren();
    for (const item of marks.querySelectorAll("[data-position]")) {
      const x = `${(100 * Number(item.dataset.position)) / length}%`;
      const line = document.createElementNS(group.namespaceURI, "line");
      for (const [name, value] of [["x1", x], ["x2", x], ["y1", "0"], ["y2", "100%"]]) line.setAttribute(name, value);
      group.append(line);
    }
  }
  marks.addEventListener("live-replaced", lines);
  marks.addEventListener("click", (event) => {
    const to = event.target.closest("[data-seek]")?.dataset.seek;
    if (to !== undefined) seek(Number(to));
  });
  lines();
}

function startMarks() {
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { text } = form.elements;
    const body = { text: text.value };
    if (event.submitter?.value === "here") body.position_s = markedAt();
    else if (!text.value.trim()) return text.focus();
    await api("POST", path, body);
    form.reset();
    text.blur();
    begin("");
    toast(word("rec-marked"));
    refresh(marks);
  });
  if (player && form) {
    form.elements.text.addEventListener("focus", () => begin(begun.value || audio.currentTime.toFixed(2)));
    form.addEventListener("focusout", ({ relatedTarget }) => {
      if (!form.contains(relatedTarget) && !form.elements.text.value.trim()) begin("");
    });
    markedAt();
  }
  marks?.addEventListener("click", async (event) => {
    const id = event.target.closest("[data-remove]")?.dataset.remove;
    if (id === undefined) return;
    await api("DELETE", `${path}/${id}`);
    refresh(marks);
  });
}

function begin(at) {
  if (!player) return;
  begun.value = at;
  markedAt();
}

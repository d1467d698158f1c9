"""One private Asterisk: its folder, its configuration, its process."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from dialer.demo.rig.build import AsteriskBuild, RigError
from dialer.demo.rig.control import AmiControl
from dialer.demo.rig.zone import in_zone

# Only what the rig needs: a start takes a quarter of a second instead of four.
_MODULES = """
res_timing_timerfd res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject res_pjsip res_pjsip_pubsub
res_pjsip_session res_pjsip_sdp_rtp res_rtp_asterisk res_pjsip_caller_id res_pjsip_endpoint_identifier_ip
res_pjsip_endpoint_identifier_user res_pjsip_header_funcs res_pjsip_rfc3326 res_pjsip_dlg_options res_pjsip_refer
chan_pjsip pbx_config app_dial app_stack app_mixmonitor app_playback app_playtones app_userevent app_verbose app_while
app_cdr bridge_simple bridge_native_rtp bridge_softmix bridge_holding codec_ulaw codec_alaw codec_a_mu codec_g722
codec_gsm codec_resample format_gsm format_wav format_sln format_pcm func_channel func_cdr func_db func_hangupcause
func_logic func_math func_strings func_callerid func_timeout func_global func_env func_dialplan func_devstate app_exec
res_pjsip_authenticator_digest res_pjsip_registrar res_manager_devicestate func_config func_module
"""
# Files that Asterisk misses aloud when they are not there.
_EMPTY = ("ccss", "features", "stasis", "udptl", "acl", "cel", "pjproject", "sorcery")
_INDICATIONS = """[general]
country = us
[us]
description = United States
ringcadence = 2000,4000
dial = 350+440
busy = 480+620/500,0/500
ring = 440+480/2000,0/4000
"""
_SOCKET_PATH_LIMIT = 100  # of a Unix socket's 107 bytes
_STOP_TIMEOUT_S = 5.0


class PrivateAsterisk:
    """An Asterisk of our own in one folder; nothing outside of it is read or written.

    `files` are the configuration files that make it what it is (name -> text), `modules` what it loads besides what all
    of ours need (one that the build does not have is left out). `control` makes an AMI session of a user among the
    files with all rights, to be entered with `async with`. `zone` is its machine's time zone, where this machine lets a
    process have one of its own; otherwise, and without one, it is this machine's.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        build: AsteriskBuild,
        *,
        files: Mapping[str, str],
        modules: Sequence[str],
        control: Callable[[], AmiControl],
        zone: str = "",
    ) -> None:
        self.name = name
        self.folder = folder
        self.build = build
        self.control = control
        self.zone = zone
        self._files = dict(files)
        self._modules = tuple(modules)
        self._process: subprocess.Popen[bytes] | None = None
        self._run: Path | None = None

    @property
    def pid(self) -> int | None:
        """Process id (and process group) while it runs."""
        return self._process.pid if self.running and self._process else None

    @property
    def running(self) -> bool:
        """Whether the process is there; a frozen one is."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> Path:
        """Its full log."""
        return self.folder / "log/full"

    async def start(self, timeout_s: float = 20) -> None:
        """Start it and wait until it is fully booted. Raises RigError, with the end of its log, when it does not."""
        if self.running:
            raise RigError(f"The {self.name} is running already.")
        self._write_configuration()
        prefix = in_zone(self.zone, self.folder / "zone") if self.zone else ()
        with (self.folder / "log/console").open("ab") as console:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - Popen is bound to no event loop, unlike asyncio's
                [
                    *prefix,
                    *with_parent("KILL"),
                    *self.build.command,
                    "-f",
                    "-C",
                    str(self.folder / "etc/asterisk.conf"),
                ],
                env={name: value for name, value in os.environ.items() if name != "TZ" or not prefix},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(timeout_s):
                await self._booted()
        except BaseException as error:
            await self.kill()
            if not isinstance(error, TimeoutError):
                raise
            raise RigError(f"The {self.name} did not come up within {timeout_s} s:\n{self._last_words()}") from error

    async def stop(self) -> None:
        """End it in order (calls are hung up, its database is written); what does not end in time is killed."""
        if self._process is None or not self.running:
            return
        self.thaw()
        self._process.terminate()
        with suppress(TimeoutError):  # the kill below ends it
            await self._ended(_STOP_TIMEOUT_S)
        await self.kill()

    async def kill(self) -> None:
        """SIGKILL to it and whatever it started; as a crash or a power cut would."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            await self._ended(_STOP_TIMEOUT_S)
            self._process = None  # its number may soon be somebody else's
        if self._run is not None:
            shutil.rmtree(self._run, ignore_errors=True)
            self._run = None

    def freeze(self) -> None:
        """SIGSTOP: the process stays, the network takes packets for it, and nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    async def idle(self, timeout_s: float = 60) -> None:
        """Wait until it has no channel left. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s), self.control() as ami:
            while await ami.listed("CoreShowChannels"):  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.05)

    async def _ended(self, timeout_s: float) -> None:
        async with asyncio.timeout(timeout_s):
            while self.running:  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.01)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):  # it has ended, and so has its group
            os.killpg(self._process.pid, number)

    async def _booted(self) -> None:
        while True:
            if not self.running:
                raise RigError(f"The {self.name} ended while starting:\n{self._last_words()}")
            try:
                async with self.control() as ami:
                    await ami.until(lambda message: message.get("Event") == "FullyBooted", timeout=20)
            except (ConnectionError, RigError):
                await asyncio.sleep(0.02)
            else:
                return

    def _last_words(self) -> str:
        for path in (self.log, self.folder / "log/console"):
            if path.exists() and path.stat().st_size:
                return "\n".join(path.read_text(errors="replace").splitlines()[-15:])
        return "(it has written no log)"

    def _write_configuration(self) -> None:
        here = self.folder
        for name in ("etc", "lib", "keys", "agi", "spool", "log/cdr-csv", "log/cdr-custom"):
            (here / name).mkdir(parents=True, exist_ok=True)
        run = here / "run"
        if len(str(run)) + len("/asterisk.ctl") > _SOCKET_PATH_LIMIT:
            run = self._run = Path(tempfile.mkdtemp(prefix="dialer-rig-"))
        run.mkdir(exist_ok=True)
        modules = [
            name for name in (*_MODULES.split(), *self._modules) if (self.build.modules / f"{name}.so").is_file()
        ]
        own = {
            "asterisk.conf": f"""[directories]
astetcdir => {here}/etc
astmoddir => {self.build.modules}
astvarlibdir => {here}/lib
astdbdir => {here}/lib
astkeydir => {here}/keys
astdatadir => {self.build.data}
astagidir => {here}/agi
astspooldir => {here}/spool
astrundir => {run}
astlogdir => {here}/log
[options]
verbose = 3
systemname = {self.name}
defaultlanguage = {self.build.language}
""",
            "modules.conf": "[modules]\nautoload = no\n" + "".join(f"load = {name}.so\n" for name in modules),
            "logger.conf": "[general]\ndateformat = %F %T.%3q\n[logfiles]\nfull => notice,warning,error,verbose(3)\n",
            "indications.conf": _INDICATIONS,
        }
        for name, text in ({f"{name}.conf": "" for name in _EMPTY} | own | self._files).items():
            (here / "etc" / name).write_text(text, encoding="utf-8")


def with_parent(signal_name: str) -> tuple[str, ...]:
    """A prefix that ends a command by this signal when we die without a word, where the host has setpriv.

    The kernel watches the thread that started it, so only the main thread may use this.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None or threading.current_thread() is not threading.main_thread():
        return ()
    return (setpriv, "--pdeathsig", signal_name, "--")

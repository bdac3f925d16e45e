# shellcheck shell=bash
# What script/server, script/test, script/web and .ci/run share. Sourced, never run; the caller has
# changed into the root of the tree. Runs on bash 3.2 too, which macOS still ships.

say() { printf '%s\n' "$*"; }

# Stop with one sentence that says what is wrong and one that says what to do.
die() {
  printf '%s\n' "$@" >&2
  exit 1
}

good_python() {
  "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# The first Python that is new enough and can make a virtual environment, in $system_python.
# PYTHON names one to use instead.
find_python() {
  for system_python in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 python; do
    if command -v "$system_python" >/dev/null 2>&1 && good_python "$system_python"; then
      return 0
    fi
  done
  die "The portal needs Python 3.11 or newer with its venv module, and none was found." \
    "Install it (Debian, Ubuntu: apt install python3 python3-venv), or name one: PYTHON=/path/to/python3 $0"
}

venv_is_sound() {
  [ -x .venv/bin/python ] && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Make .venv, or make it anew when its Python has gone or is too old. Sets $python.
make_venv() {
  # Commands of the environment are called as `python -m …`: their own files hold the absolute path of the
  # folder they were made in, and would break when the tree is moved.
  python="$PWD/.venv/bin/python"
  venv_is_sound && return 0
  find_python
  say "Making .venv with $("$system_python" --version) …"
  "$system_python" -m venv --clear .venv ||
    die "Python could not make the folder .venv." "See the message above; free some space or check who owns this folder."
}

# install FILE…: install the last of the files when any of them differs from what was installed last.
# The stamp is a copy, so an equal one costs no Python and no network.
install() {
  local wanted stamp file
  for file in "$@"; do wanted=$file; done
  stamp=".venv/installed-$wanted"
  if [ -f "$stamp" ] && cat "$@" | cmp -s - "$stamp"; then
    return 0
  fi
  say "Installing $wanted (the first time takes a minute or two) …"
  # An environment made by another tool, or half made, may lack pip.
  "$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null ||
    die "The environment in .venv has no pip." "Remove the folder .venv and run $0 again."
  # -qq: the list of what was found where helps nobody; errors still show.
  "$python" -m pip install -qq --disable-pip-version-check -r "$wanted" ||
    die "pip could not install $wanted." "Check the network (or pip's own settings) and run $0 again: it goes on where it stopped."
  cat "$@" >"$stamp"
}

# --- the web server and its worker -----------------------------------------------------------------------

web_pid=""
worker_pid=""
asked_to_stop=""

ask_both_to_stop() {
  asked_to_stop=yes
  stop_both
}

# A process that still lives ends its own children in order; when it was killed, they are asked directly.
# Only processes started here are meant: each of the two leads a group of its own.
stop_both() {
  local pid
  for pid in $web_pid $worker_pid; do
    kill -TERM "$pid" 2>/dev/null || kill -TERM -- "-$pid" 2>/dev/null
  done
  return 0
}

alive() { [ -n "$1" ] && kill -0 "$1" 2>/dev/null; }
group_alive() { [ -n "$1" ] && kill -0 -- "-$1" 2>/dev/null; }

# Asked once a second rather than by `wait -n`: that is missing from bash 3.2 and can miss a child that ended
# just before it was called. A signal is acted on when the present second is over.
wait_for_one_to_end() {
  while alive "$web_pid" && alive "$worker_pid" && [ -z "$asked_to_stop" ]; do sleep 1; done
}

# Hosts wait about 30 s after SIGTERM before they kill; be done well before, and leave nothing behind.
wait_for_both_to_end() {
  local tries=0 pid
  while { group_alive "$web_pid" || group_alive "$worker_pid"; } && [ "$tries" -lt 100 ]; do
    sleep 0.2
    tries=$((tries + 1))
  done
  for pid in $web_pid $worker_pid; do kill -KILL -- "-$pid" 2>/dev/null; done
  return 0
}

# serve HOST PORT LOG_LEVEL [command to run once both are started]
# Runs granian and one `flask worker`; when either ends, or on Ctrl-C or SIGTERM, ends both. Returns 0 when
# it was asked to stop, 1 when one of them ended by itself: half a portal must not look like a whole one.
serve() {
  local host=$1 port=$2 log_level=$3
  shift 3
  trap ask_both_to_stop INT TERM HUP
  # SERVE_LOG: a file for the log lines of both, where a terminal has better things to show.
  # The log is for its owner alone.
  if [ -n "${SERVE_LOG:-}" ]; then
    (umask 077 && : >>"$SERVE_LOG")
    exec 3>>"$SERVE_LOG"
  else
    exec 3>&1
  fi
  # Else the C library keeps a store of freed memory for many of the 16 threads (2 MB more after 1,000 requests).
  export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"
  # Job control, for these two lines only, makes each the leader of a group: Ctrl-C then reaches this script
  # alone, which ends them in order, and nothing of a killed server can stay behind on the port.
  set -m
  "$python" -m flask --app app worker </dev/null >&3 &
  worker_pid=$!
  # Bodies are received on the event loop, threads run the app (docs/decisions/granian-serves.md). Static files
  # are left to WhiteNoise inside the app: granian would send them uncompressed and without our headers.
  "$python" -m granian --interface rsgi --host "$host" --port "$port" --no-ws \
    --workers "${WEB_CONCURRENCY:-1}" --workers-kill-timeout 15 \
    --log-level "$log_level" --factory lsp.serving:portal </dev/null >&3 &
  web_pid=$!
  set +m
  # When this script is killed, the two live on: the next start says by this which they are.
  echo "$web_pid $worker_pid" >"$LSP_DATA/processes"
  [ -n "$asked_to_stop" ] && stop_both
  [ "$#" -gt 0 ] && "$@"
  wait_for_one_to_end
  if [ -z "$asked_to_stop" ]; then
    if alive "$worker_pid"; then
      say "The web server has ended by itself; ending the worker too. The reason stands above." >&2
    else
      say "The worker has ended by itself; ending the web server too. The reason stands above." >&2
    fi
    stop_both
  fi
  wait_for_both_to_end
  rm -f "$LSP_DATA/processes"
  [ -n "$asked_to_stop" ]
}

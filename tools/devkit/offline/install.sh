#!/bin/sh
# Finds a Python that is new enough and hands over to install.py.
here=$(cd "$(dirname "$0")" && pwd)
for python in ${PYTHON:-} python3.14 python3.13 python3.12 python3.11 python3; do
  if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    exec "$python" "$here/install.py" "$@"
  fi
done
echo "安澜需要 Python 3.11 或更新版本；安装后再运行，或用 PYTHON=/路径/python3.11 指明。" >&2
echo "Anlan needs Python 3.11 or newer; install one and run again, or name it: PYTHON=/path/to/python3.11" >&2
exit 2

#!/bin/bash
# Runs inside the moto root (see in-root.sh). Variables: PORT.
exec moto_server -H 127.0.0.1 -p "$PORT"

#!/bin/sh
# get-inactive-slot.sh: prints the slot to deploy to.
#
# When the admin port does not answer, nothing is printed and the exit code is not 0: a guess could be
# the slot that is live. SWITCHYARD_ADMIN names the admin port. If it asks for a token, that is
# SWITCHYARD_TOKEN, or in the file SWITCHYARD_TOKEN_FILE, or where the deployment keeps it. Exit codes: 0 known, 1 no usable answer, 64 wrong usage, 69 the admin port does not answer.
set -eu

admin=${SWITCHYARD_ADMIN:-http://127.0.0.1:8081}

if [ $# -ne 0 ]; then
    echo "usage: get-inactive-slot.sh" >&2
    exit 64
fi

token=${SWITCHYARD_TOKEN:-}
token_file=${SWITCHYARD_TOKEN_FILE:-$(dirname "$0")/../deploy/secrets/switchyard_token}
if [ -z "$token" ] && [ -r "$token_file" ]; then token=$(cat "$token_file"); fi

# The token goes in by standard input: arguments are there for everybody to see.
authorization() {
    if [ -n "$token" ]; then printf 'header = "Authorization: Bearer %s"\n' "$token"; fi
}

if ! answer=$(authorization | curl -sS --max-time 10 --config - -w '%{http_code}' \
    "$admin/inactive-slot"); then
    echo "get-inactive-slot.sh: the admin port $admin does not answer; deploy nowhere" >&2
    exit 69
fi
status=${answer##*
}
slot=${answer%%
*}
case $status:$slot in
200: | 200:*[!A-Za-z0-9_.-]*) ;;
200:*)
    printf '%s\n' "$slot"
    exit 0
    ;;
esac
echo "get-inactive-slot.sh: $admin/inactive-slot answers $status: ${answer%
*}; deploy nowhere" >&2
exit 1

#!/bin/sh
# switch-traffic.sh SLOT: moves all live traffic to a slot and checks that it went there.
#
# An unhealthy slot is refused, not warned about. SWITCHYARD_ADMIN names the admin port, SWITCH_REASON
# what the history shall say. If the port asks for a token, that is SWITCHYARD_TOKEN, or in the file
# SWITCHYARD_TOKEN_FILE, or where the deployment keeps it.
# Exit codes: 0 all traffic goes to SLOT, 1 refused, 64 wrong usage, 69 the admin port does not answer.
set -eu

admin=${SWITCHYARD_ADMIN:-http://127.0.0.1:8081}

if [ $# -ne 1 ]; then
    echo "usage: switch-traffic.sh SLOT" >&2
    exit 64
fi
slot=$1
case $slot in
'' | *[!A-Za-z0-9_.-]*)
    echo "switch-traffic.sh: \"$slot\" is no name of a slot; write blue or green" >&2
    exit 64
    ;;
esac

token=${SWITCHYARD_TOKEN:-}
token_file=${SWITCHYARD_TOKEN_FILE:-$(dirname "$0")/../deploy/secrets/switchyard_token}
if [ -z "$token" ] && [ -r "$token_file" ]; then token=$(cat "$token_file"); fi

# The token goes in by standard input: arguments are there for everybody to see.
authorization() {
    if [ -n "$token" ]; then printf 'header = "Authorization: Bearer %s"\n' "$token"; fi
}

ask() { # ask PATH CURL-OPTION...: sets `status` and `body`, or ends the script
    path=$1
    shift
    if ! answer=$(authorization | curl -sS --max-time 40 --config - -w '%{http_code}' "$@" \
        "$admin$path"); then
        echo "switch-traffic.sh: the admin port $admin does not answer; see where traffic goes" \
            "by switchyard status" >&2
        exit 69
    fi
    status=${answer##*
}
    body=${answer%
*}
    if [ "$status" != 200 ]; then
        sentence=$(printf '%s' "$body" | jq -r '.error // empty' 2>/dev/null) || sentence=$body
        echo "switch-traffic.sh: refused with $status: ${sentence:-$body}" >&2
        exit 1
    fi
}

ask /active-slot
before=$body
echo "Active slot: $before"
echo "Switching traffic to $slot..."
reason=${SWITCH_REASON:-switch-traffic.sh}
ask /switch -X POST -d "$(jq -cn --arg slot "$slot" --arg reason "$reason" '$ARGS.named')"
generation=$(printf '%s' "$body" | jq -r .generation)
ask /active-slot
if [ "$body" != "$slot" ]; then
    echo "switch-traffic.sh: $slot was switched to, and now $body is active: somebody else" \
        "changed the traffic; see switchyard history" >&2
    exit 1
fi
if [ "$before" = "$slot" ]; then
    echo "Traffic went to $slot already (generation $generation)"
else
    echo "Traffic switched from $before to $slot (generation $generation)"
fi

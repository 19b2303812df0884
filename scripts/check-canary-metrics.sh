#!/bin/sh
# check-canary-metrics.sh CANARY PRODUCTION PROMETHEUS_URL: whether a canary is fit to be promoted.
#
# CANARY and PRODUCTION are jobs of Prometheus, such as backend-green and backend-blue. Counts are made
# from every sample of the window, over all series of the job, so that they are whole numbers of
# requests; an error whose series is new in the window counts too. What is missing never passes.
#
#   CHECK_WINDOW_SECONDS  how far back to look (120)
#   CHECK_MIN_REQUESTS    requests that each side needs within it (50)
#   CHECK_PRODUCTION      `no`: judge by the absolute thresholds alone, where production has no traffic
#
# Exit codes: 0 passed, 1 failed, 2 too little to tell, 64 wrong usage, 69 Prometheus does not answer.
set -eu

window=${CHECK_WINDOW_SECONDS:-120}
required=${CHECK_MIN_REQUESTS:-50}
compared=${CHECK_PRODUCTION:-yes}

refuse() { # refuse EXIT-CODE SENTENCE...
    code=$1
    shift
    echo "check-canary-metrics.sh: $*" >&2
    exit "$code"
}

if [ $# -ne 3 ]; then
    echo "usage: check-canary-metrics.sh CANARY PRODUCTION PROMETHEUS_URL" >&2
    exit 64
fi
canary=$1
production=$2
prometheus=${3%/}
for job in "$canary" "$production"; do
    case $job in
    '' | *[!A-Za-z0-9_.:/-]*) refuse 64 "\"$job\" is no name of a job, such as backend-green" ;;
    esac
done
for number in "$window" "$required"; do
    case $number in
    '' | 0* | *[!0-9]*) refuse 64 "\"$number\" is no whole number above 0" ;;
    esac
done
case $compared in yes | no) ;; *) refuse 64 "CHECK_PRODUCTION is yes or no, not $compared" ;; esac

query() { # query PROMQL [CURL-OPTION...]: the result's list as JSON
    expression=$1
    shift
    if ! answer=$(curl -sS -G --max-time 10 --data-urlencode "query=$expression" "$@" \
        "$prometheus/api/v1/query"); then
        refuse 69 "Prometheus does not answer at $prometheus; nothing is known, so nothing passes"
    fi
    if ! printf '%s' "$answer" | jq -ce 'select(.status == "success") | .data.result' 2>/dev/null; then
        refuse 69 "$prometheus is no Prometheus, or it refuses $expression:" \
            "$(printf '%s' "$answer" | jq -r '.error // "no reason"' 2>/dev/null || echo "$answer" | head -1)"
    fi
}

# `up` at this moment tells that the job exists, and the moment to look back from.
now=""
for job in "$canary" "$production"; do
    up=$(query "up{job=\"$job\"}") || exit $?
    if [ "$up" = "[]" ]; then
        refuse 2 "Prometheus has no job \"$job\"; see $prometheus/targets for the names there are"
    fi
    now=${now:-$(printf '%s' "$up" | jq -r '.[0].value[0]')}
done

samples() { # samples JOB: every sample of the window
    names='up|http_requests_total|http_request_duration_seconds_bucket'
    query "{__name__=~\"$names\", job=\"$1\"}[${window}s]" --data-urlencode "time=$now"
}
ours=$(samples "$canary") || exit $?
theirs=$(samples "$production") || exit $?

echo "Canary $canary against production $production, the last $window s, from $prometheus"
verdict=$(printf '%s\n%s\n' "$ours" "$theirs" | jq -rs --arg canary "$canary" \
    --arg production "$production" --argjson now "$now" --argjson window "$window" \
    --argjson required "$required" --arg compared "$compared" '
def error_limit: 0.05;          # of the canary: less than this share
def error_factor: 2;            # times production, and only if it is also
def error_floor: 0.01;          # this much more than production
def latency_limit: 2.0;         # seconds: the canary below this
def latency_factor: 1.5;
def latency_floor: 0.05;

def digits($n): . * pow(10; $n) | round | tostring
    | if startswith("-") then error("negative") else . end
    | (if length <= $n then "0" * ($n + 1 - length) + . else . end)
    | .[:length - $n] + "." + .[length - $n:];
def percent: . * 100 | digits(2) + " %";
def seconds: digits(3) + " s";

# The scrape before a series of a running target began, if that is within the window.
def before($scrapes):
    .metric.instance as $instance | .values[0][0] as $first
    | [$scrapes[] | select(.[0] == $instance and .[1] < $first)] | last
    | select(. != null and .[2] == 1);

# What a counter grew by. A series that a running target did not have in the scrape before is new, and
# its first value counts; so does the value after a restart, which begins at 0 again.
def growth($scrapes):
    [.values[] | [.[0], (.[1] | tonumber)]] as $v
    | (if [before($scrapes)] != [] then $v[0][1] else 0 end)
        + ([range(1; $v | length) | $v[.][1] - $v[. - 1][1] | if . < 0 then null else . end] as $steps
            | [range(0; $steps | length) | $steps[.] // $v[. + 1][1]] | add // 0);

# The last scrape at which nothing of that growth had come.
def start($scrapes):
    .values as $v
    | [ (before($scrapes) | .[1]),
        (range(1; $v | length) | select($v[.][1] != $v[. - 1][1]) | $v[. - 1][0]) ] | first // empty;

# How often a target went down, for the instance that did most often.
def outages:
    group_by(.[0])
    | map(. as $s | [range(0; length) | select($s[.][2] != 1 and (. == 0 or $s[. - 1][2] == 1))] | length)
    | max // 0;

# Where the share of the smallest values lies, within its bucket in proportion (as histogram_quantile).
def quantile($share):
    (last | .count) as $total
    | ($share * $total) as $rank
    | . as $buckets
    | first(range(0; length) | select($buckets[.].count >= $rank)) as $place
    | (if $place == 0 then { le: 0, count: 0 } else $buckets[$place - 1] end) as $below
    | $buckets[$place] as $bucket
    | if $bucket.le == infinite then $below.le
      else $below.le + ($bucket.le - $below.le) * ($rank - $below.count)
          / ($bucket.count - $below.count) end;

def job:
    ([.[] | select(.metric.__name__ == "up")
        | .metric.instance as $i | .values[] | [$i, .[0], (.[1] | tonumber)]]
        | sort_by(.[1])) as $scrapes
    | map(select(.metric.__name__ != "up") | . + { growth: growth($scrapes) })
    | (map(select(.metric.__name__ == "http_requests_total"))) as $counters
    | ([$counters[] | select(.growth > 0) | start($scrapes)] | min) as $since
    | ($scrapes | map(select(.[1] >= ($since // 0)))) as $judged
    | ($scrapes | map(select(.[1] < ($since // 0)))) as $earlier
    | {
        scrapes: ($judged | length),
        passed: ([$judged[] | select(.[2] == 1)] | length),
        earlier: ($earlier | length),
        missed: ([$earlier[] | select(.[2] != 1)] | length),
        outages: ($earlier | outages),
        age: (if $scrapes == [] then infinite else $now - ($scrapes | last | .[1]) end),
        known: ($counters != []),
        requests: ($counters | map(.growth) | add // 0),
        errors: ($counters | map(select(.metric.status // .metric.code // "" | test("^5..$")).growth)
            | add // 0),
        buckets: (map(select(.metric.__name__ == "http_request_duration_seconds_bucket"))
            | group_by(.metric.le)
            | map({ le: (.[0].metric.le | if . == "+Inf" then infinite else tonumber end),
                    count: (map(.growth) | add) })
            | sort_by(.le)) }
    | .timed = (.buckets | if . == [] then 0 else last.count end)
    | .rate = (if .requests > 0 then .errors / .requests else null end)
    | .p95 = (if .timed > 0 then .buckets | quantile(0.95) else null end);

# The share of errors that so few could still hide: 95 %, one-sided (Clopper-Pearson), by bisection.
def bound:
    .errors as $k | .requests as $n
    | def tail($p): [range(0; $k + 1)
        | (($n + 1 | lgamma) - (. + 1 | lgamma) - ($n - . + 1 | lgamma)
            + . * ($p | log) + ($n - .) * (1 - $p | log)) | exp] | add;
      if $k >= $n then 1
      else reduce range(0; 40) as $_ ([$k / $n, 1];
          ((.[0] + .[1]) / 2) as $p | if tail($p) > 0.05 then [$p, .[1]] else [.[0], $p] end)
          | .[1] end;

def line($state; $name; $text): { state: $state, text: "\($state) \($name): \($text)" };
def judged($good; $name; $text): line(if $good then "PASS" else "FAIL" end; $name; $text);
def seen: "\(.errors) of \(.requests) requests";

# The canary has to be up from its first request on. That it was down once before it had any is its
# deployment; more often, and it does not stay up.
def availability($job; $canary): line(
    if .scrapes == 0 or .age > $window / 2 then "NONE"
    elif ($canary | not) and .passed > 0 then "PASS"
    elif .passed == .scrapes and .outages <= 1 then "PASS" else "FAIL" end;
    "availability of \($job)";
    if .scrapes == 0 then "no scrape in the window"
    elif .age > $window / 2 then "the last scrape is \(.age | floor) s old"
    elif $canary | not then "up in \(.passed + .earlier - .missed) of \(.scrapes + .earlier) scrapes"
    else "up in \(.passed) of \(.scrapes) scrapes"
        + (if .earlier > 0 then " since its first request" else "" end) + "; all are needed"
        + (if .outages == 1 then "; down in \(.missed) of \(.earlier) before, as in a deployment"
            elif .outages > 1 then "; down \(.outages) times before, once would be a deployment"
            else "" end) end);

def enough($job): select(.requests < $required or .timed < $required) | line("NONE"; "traffic of \($job)";
    if .known | not then "no http_requests_total in the window"
    elif .requests < $required then "\(.requests) requests, \($required) are needed"
    else "\(.timed) of \(.requests) requests in http_request_duration_seconds, \($required) are needed"
    end);

def absolute:
    judged(.rate < error_limit; "error rate";
        "\(seen) = \(.rate | percent), less than \(error_limit | percent) is needed"
        + "; with 95 % confidence at most \(bound | percent)"),
    judged(.p95 < latency_limit; "p95 latency";
        "\(.p95 | seconds) over \(.timed) requests, less than \(latency_limit | seconds) is needed");

def relative($their):
    ([error_factor * $their.rate, $their.rate + error_floor] | max) as $most
    | ([latency_factor * $their.p95, $their.p95 + latency_floor] | max) as $slowest
    | judged(.rate <= $most; "error rate against production";
        "\(.rate | percent) against \($their.rate | percent) (\($their | seen)), at most"
        + " \($most | percent) is allowed"),
      judged(.p95 <= $slowest; "p95 latency against production";
        "\(.p95 | seconds) against \($their.p95 | seconds) over \($their.timed) requests, at most"
        + " \($slowest | seconds) is allowed");

(.[0] | job) as $our | (.[1] | job) as $their
| [ ($our | availability($canary; true)),
    ($our | enough($canary)),
    ($our | select(.requests >= $required and .timed >= $required) | absolute),
    if $compared == "no" then line("SKIP"; "production"; "not compared, as asked for") else
        ($their | availability($production; false)),
        ($their | enough($production)),
        ($our | select(.requests >= $required and .timed >= $required)
            | select($their.requests >= $required and $their.timed >= $required)
            | relative($their))
    end ]
| (.[].text),
  (map(.state) | if any(. == "FAIL") then "FAIL" elif any(. == "NONE") then "NONE" else "PASS" end)
') || refuse 1 "the samples of $prometheus cannot be read; nothing passes"

printf '%s\n' "$verdict" | sed '$d'
case $(printf '%s\n' "$verdict" | tail -1) in
PASS) echo "Canary validation passed: $canary may be promoted" ;;
FAIL)
    echo "Canary validation failed: $canary must not be promoted"
    exit 1
    ;;
*)
    echo "Canary validation has too little to tell: $canary must not be promoted yet"
    exit 2
    ;;
esac

#!/usr/bin/env bash
# make-protobuf.sh DIR: writes protobuf.txt with protoc from the definitions in DIR
# (a checkout of github.com/meshtastic/protobufs; 1b4cb00f was used) and openssl, so
# that our reader is tried on what others encode. One "name hex" a line.
set -euo pipefail
dir=$1
encode() { protoc --proto_path="$dir" --encode="meshtastic.$1" "meshtastic/$2.proto"; }
escaped() { od -An -v -tx1 | tr -d ' \n' | sed 's/../\\x&/g'; }
envelope() { # NAME FROM TO ID PACKET-FIELDS CHANNEL
  printf 'packet { from: %s to: %s id: %s rx_time: 1783198573 rx_snr: 5.75 rx_rssi: -34 hop_limit: 3 hop_start: 7 %s } channel_id: "%s" gateway_id: "!32962f10"' "$2" "$3" "$4" "$5" "$6" |
    encode ServiceEnvelope mqtt | od -An -v -tx1 | tr -d ' \n' | sed "s/^/$1 /"
  echo
}
decoded() { printf 'decoded { portnum: %s payload: "%s" bitfield: 1 }' "$1" "$2"; }
position() { printf '%s' "$1" | encode Position mesh | escaped; }
{
  envelope text 1128041132 4294967295 1686054518 "$(decoded TEXT_MESSAGE_APP 'This is my test message')" LongFast
  envelope key 1128041132 4294967295 1686054519 "$(decoded TEXT_MESSAGE_APP 3)" LongFast
  envelope direct 1128041132 850702096 1686054520 "$(decoded TEXT_MESSAGE_APP 'TIBA')" LongFast
  envelope alert 1128041132 4294967295 1686054521 "$(decoded ALERT_APP '\x07BANTU')" LongFast
  envelope not-utf8 1128041132 4294967295 1686054522 "$(decoded TEXT_MESSAGE_APP 'a\xff\xc0b')" LongFast
  envelope position 3792937512 4294967295 3202878515 "$(decoded POSITION_APP "$(position 'latitude_i: 374208000 longitude_i: -1221981000 altitude: 123 time: 1609459200 PDOP: 180 sats_in_view: 9 ground_speed: 32 ground_track: 10450000 precision_bits: 32')")" LongFast
  envelope below-sea 3792937512 4294967295 3202878516 "$(decoded POSITION_APP "$(position 'latitude_i: -68364000 longitude_i: 1082279000 altitude: -12 time: 1783198500 timestamp: 1783198501 ground_track: 21200 precision_bits: 32')")" LongFast
  envelope blurred 3792937512 4294967295 3202878517 "$(decoded POSITION_APP "$(position 'latitude_i: -68364000 longitude_i: 1082279000 time: 1783198500 precision_bits: 13')")" LongFast
  envelope no-fix 3792937512 4294967295 3202878518 "$(decoded POSITION_APP "$(position 'time: 1783198500 precision_bits: 32')")" LongFast
  envelope nodeinfo 2130636288 4294967295 452664778 "$(decoded NODEINFO_APP "$(printf 'id: "!7efeee00" long_name: "base0" short_name: "BA0" hw_model: RAK4631' | encode User mesh | escaped)")" LongFast
  envelope battery 2130621128 4294967295 1576523471 "$(decoded TELEMETRY_APP "$(printf 'time: 1783198400 device_metrics { battery_level: 87 voltage: 4.05 uptime_seconds: 900 }' | encode Telemetry telemetry | escaped)")" LongFast
  envelope plugged-in 2130621128 4294967295 1576523472 "$(decoded TELEMETRY_APP "$(printf 'time: 1783198400 device_metrics { battery_level: 101 voltage: 4.2 }' | encode Telemetry telemetry | escaped)")" LongFast
  envelope weather 2130621128 4294967295 1576523473 "$(decoded TELEMETRY_APP "$(printf 'time: 1783198400 environment_metrics { temperature: 31.5 }' | encode Telemetry telemetry | escaped)")" LongFast
  envelope routing 2130621128 850702096 1576523474 "$(decoded ROUTING_APP '\x18\x00')" LongFast
  # Encrypted with a key of one's own (AES-256) and with the public one (AES-128).
  own=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
  public=d4f1bb3a20290759f0bcffabcf4e6901
  sealed() { # CIPHER KEY FROM ID PORT PAYLOAD
    local iv; iv=$(python3 -c "import struct,sys; print(struct.pack('<QII', int(sys.argv[2]), int(sys.argv[1]), 0).hex())" "$3" "$4")
    printf 'portnum: %s payload: "%s" bitfield: 1' "$5" "$6" | encode Data mesh | openssl enc "-$1" -K "$2" -iv "$iv" | escaped
  }
  where=$(position 'latitude_i: -68364000 longitude_i: 1082279000 time: 1783198500 precision_bits: 32')
  envelope sealed-own 1128041132 4294967295 1686054600 "channel: 8 encrypted: \"$(sealed aes-256-ctr $own 1128041132 1686054600 TEXT_MESSAGE_APP 3)\"" Majalengka
  envelope sealed-public 3792937512 4294967295 3202878600 "channel: 8 encrypted: \"$(sealed aes-128-ctr $public 3792937512 3202878600 POSITION_APP "$where")\"" LongFast
  envelope sealed-direct 1128041132 850702096 1686054601 "channel: 0 pki_encrypted: true encrypted: \"$(sealed aes-256-ctr $own 1128041132 1686054601 TEXT_MESSAGE_APP 3)\"" PKI
} > "$(dirname "$0")/protobuf.txt"

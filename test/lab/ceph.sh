#!/bin/bash
# A one-node Ceph: one monitor, one disk daemon that keeps everything in memory, one S3 gateway on 127.0.0.1:PORT.
# Runs inside the Ceph root (see in-root.sh) until one of its daemons ends.
# Variables: PORT (gateway), MONITOR_PORT, ACCESS_KEY, SECRET_KEY, and GLACIER: empty, or 1 for a GLACIER class that
# objects move to by a lifecycle rule and come back from by RestoreObject, with days of five seconds.
set -eu
cd /mnt
mkdir mon osd rgw log run
day=-1 thaw_period=900
[ -z "$GLACIER" ] || day=5 thaw_period=3
cluster=$(cat /proc/sys/kernel/random/uuid)
# Disk daemons look for free ports in Ceph's usual range by themselves, so several clusters can share it.
cat >ceph.conf <<CONFIGURATION
[global]
fsid = $cluster
mon_host = v2:127.0.0.1:$MONITOR_PORT
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_ipv6 = false
ms_bind_msgr1 = false
ms_bind_port_min = 6800
ms_bind_port_max = 7568
ms_crc_data = false
ms_crc_header = false
ms_tcp_nodelay = true
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
ms_mon_cluster_mode = crc
ms_mon_service_mode = crc
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
mon_tick_interval = 1
run_dir = /mnt/run
admin_socket = /mnt/run/\$name.asok
crash_dir = /mnt/run
log_file = /mnt/log/\$name.log
mon_cluster_log_file = /mnt/log/cluster.log
log_to_stderr = false
log_to_journald = false
log_max_recent = 500
debug_default = 0
debug_ms = 0/0
debug_rgw = 0/0
debug_rgw_access = 0/0
debug_objecter = 0/0
debug_rados = 0/0
debug_osd = 0/0
debug_mon = 0/0
debug_paxos = 0/0
debug_rocksdb = 0/0
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 2000
mon_data_avail_warn = 1
mon_data_avail_crit = 0
mon_osd_initial_require_min_compat_client = luminous
[mon.a]
mon_data = /mnt/mon
public_addr = 127.0.0.1
[osd.0]
osd_data = /mnt/osd
osd_objectstore = memstore
memstore_device_bytes = 12884901888
osd_class_dir = $(echo /usr/lib/*/rados-classes)
osd_class_update_on_start = false
osd_crush_update_on_start = false
osd_op_queue = wpq
osd_op_num_shards = 2
osd_op_num_threads_per_shard = 1
osd_scrub_load_threshold = 0
[client.rgw]
rgw_data = /mnt/rgw
rgw_frontends = beast endpoint=127.0.0.1:$PORT tcp_nodelay=1 request_timeout_ms=0
rgw_enable_apis = s3, admin
rgw_thread_pool_size = 32
rgw_dynamic_resharding = false
rgw_override_bucket_index_max_shards = 1
rgw_lc_debug_interval = $day
rgw_restore_debug_interval = $day
rgw_restore_processor_period = $thaw_period
rgw_crypt_require_ssl = false
rgw_verify_ssl = false
CONFIGURATION
export CEPH_CONF=/mnt/ceph.conf CEPH_ARGS='--conf /mnt/ceph.conf'
step() {
  # Only a failure is of interest: what the step printed is then the reason.
  "$@" >log/step 2>&1 || { echo "failed: $*"; tail -n 15 log/step; exit 1; }
}

step monmaptool --create --fsid "$cluster" --addv a "[v2:127.0.0.1:$MONITOR_PORT]" --enable-all-features monmap
step ceph-mon -i a --mkfs --monmap monmap
ceph-mon -i a -f &
for _ in $(seq 100); do
  ! timeout 5 ceph --connect-timeout 3 mon stat >log/step 2>&1 || break
  # A monitor that is not there any more (its port was taken, say) will not answer later either.
  kill -0 $! 2>/dev/null || { cat log/mon.a.log log/step 2>/dev/null | tail -n 15; exit 1; }
  sleep 0.1
done

disk=$(cat /proc/sys/kernel/random/uuid)
step ceph osd new "$disk" 0
step ceph osd crush add osd.0 1.0 root=default host=localhost
step ceph-osd -i 0 --mkfs --osd-uuid "$disk"
ceph-osd -i 0 -f &

administer() { step radosgw-admin -n client.rgw "$@"; }
administer user create --uid lab --display-name lab --access-key "$ACCESS_KEY" --secret-key "$SECRET_KEY"
placement='--placement-id default-placement --storage-class'
for class in STANDARD_IA GLACIER DEEP_ARCHIVE; do
  if [ "$class" = GLACIER ] && [ -n "$GLACIER" ]; then
    # The gateway is its own cloud: archived objects go to a bucket named cold.
    tier="endpoint=http://127.0.0.1:$PORT,access_key=$ACCESS_KEY,secret=$SECRET_KEY,host_style=path"
    tier="$tier,target_path=cold,retain_head_object=true,region=default"
    administer zonegroup placement add --rgw-zonegroup default $placement $class --tier-type=cloud-s3
    administer zonegroup placement modify --rgw-zonegroup default $placement $class --tier-config="$tier"
  else
    administer zonegroup placement add --rgw-zonegroup default $placement $class
    administer zone placement add --rgw-zone default $placement $class --data-pool default.rgw.buckets.data
  fi
done
radosgw -n client.rgw -f &
wait -n || true
echo 'a daemon ended'
tail -n 10 log/*.log
exit 1

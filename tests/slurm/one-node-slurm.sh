#!/bin/bash
# A real SLURM cluster of one node, all of it under one directory, no systemd.
#
#   one-node-slurm.sh start DIR   bring it up (or restart what is missing in it)
#   one-node-slurm.sh stop DIR    cancel its jobs, end its daemons by pid
#
# Then:  export PATH=DIR/bin:$PATH    (its sbatch, squeue, sacct ... know this cluster)
# Optional: ONE_CPUS, ONE_GPUS (default 1), ONE_MEM_MB, ONE_PORT (first of 3, default 6817).
# Needs root and the Debian packages named below; remove DIR to start from scratch.
set -u

die() { echo "one-node-slurm: $*" >&2; exit 1; }

usage="usage: $0 start|stop DIR"
[ $# -eq 2 ] || die "$usage"
verb=$1
[ "$(id -u)" = 0 ] || die "run me as root"
D=$(realpath -m -- "$2")
[ ${#D} -le 80 ] || die "DIR is too long for a Unix socket's path: $D"
case $D in *[!A-Za-z0-9/._-]*) die "DIR may hold only letters, digits and /._-" ;; esac

PATH=$PATH:/usr/sbin:/sbin
export SLURM_CONF=$D/slurm.conf

# pid of one of this cluster's daemons, if it runs: the pid we wrote down, checked
# against its name and its environment, so that a reused number is never taken for ours
pid_of() {
    local p
    p=$(cat "$D/run/$1.pid" 2>/dev/null) && [ -n "$p" ] || return 1
    grep -qa "$1" "/proc/$p/cmdline" 2>/dev/null || return 1
    grep -qzxF "SLURM_CONF=$SLURM_CONF" "/proc/$p/environ" 2>/dev/null || return 1
    echo "$p"
}

# spawn NAME COMMAND...: in its own session, output to log/NAME.out, pid to run/NAME.pid
spawn() {
    local name=$1; shift
    pid_of "$name" >/dev/null && return 0
    setsid nohup "$@" </dev/null >>"$D/log/$name.out" 2>&1 &
    echo $! >"$D/run/$name.pid"
    # on a busy machine it takes a while until the new process is the daemon and not yet this shell
    for _ in {1..50}; do pid_of "$name" >/dev/null && return 0; sleep 0.1; done
}

# until_ok SECONDS NAME COMMAND...: wait for COMMAND; give up early if NAME has died
until_ok() {
    local end=$((SECONDS + $1)) name=$2; shift 2
    until "$@" >/dev/null 2>&1; do
        if ! pid_of "$name" >/dev/null || [ $SECONDS -ge $end ]; then
            tail -n 15 "$D/log/$name".* >&2
            die "$name did not come up; its logs are in $D/log"
        fi
        sleep 0.2
    done
}

sql() { mariadb --no-defaults --socket="$D/run/mariadb.sock" -u root -e "$1"; }
# idle, or at work where a cluster with jobs in it is being repaired
node_ready() { sinfo -h -o %T | grep -qxE 'idle|mixed|allocated|completing'; }
ctld_up() { scontrol ping | grep -q UP; }

write_conf() {
    local host cpus mem gpus port i bind=
    host=$(hostname -s)
    cpus=${ONE_CPUS:-$(nproc)} gpus=${ONE_GPUS:-1} port=${ONE_PORT:-6817}
    mem=${ONE_MEM_MB:-$(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)}
    # "NoInAddrAny" binds to what the host's own name resolves to, so it is a way to
    # listen on loopback alone only where that is a loopback address
    case $(getent ahostsv4 "$host") in
        127.*) bind=CommunicationParameters=NoInAddrAny,NoCtldInAddrAny ;;
        *) echo "note: $host is not a loopback name here: the daemons listen on all addresses" >&2 ;;
    esac

    cat >"$D/slurm.conf" <<END
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$D/run/munge.sock
$bind
StateSaveLocation=$D/state
SlurmdSpoolDir=$D/spool
SlurmctldPidFile=$D/run/slurmctld.self.pid
SlurmdPidFile=$D/run/slurmd.self.pid
SlurmctldLogFile=$D/log/slurmctld.log
SlurmdLogFile=$D/log/slurmd.log
# no cgroups, no systemd: follow a job's processes through /proc
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
MailProg=/bin/true
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=5
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
# no waiting job may keep back a later one that fits: else a second gpu job in the queue
# holds every CPU job behind it, on a cluster of one node
SchedulerParameters=bf_min_prio_reserve=4294967295,batch_sched_delay=1,bf_interval=5
ReturnToService=2
KillWait=5
MinJobAge=300
# take the CPU, memory and GPU counts below as they are, even where the machine has others
SlurmdParameters=config_overrides
GresTypes=gpu
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$((port + 2))
AccountingStoragePass=$D/run/munge.sock
AccountingStorageTRES=gres/gpu
# Snakemake names the rule in the comment; keep it for sacct
AccountingStoreFlags=job_comment
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus RealMemory=$mem Gres=gpu:$gpus State=UNKNOWN
PartitionName=main Nodes=$host Default=YES DefaultTime=60 MaxTime=INFINITE DefMemPerCPU=256 State=UP
END
    # slurmd drops a gpu without a File=, and sets no CUDA_VISIBLE_DEVICES for one that is not
    # a device; nothing opens the file, so a link to /dev/null does. Nothing is hidden from a
    # job either: jobs are counted against the gpus and told a number from 0, that is all
    for ((i = 0; i < gpus; i++)); do ln -sfn /dev/null "$D/dev/gpu$i"; done
    : >"$D/gres.conf"
    [ "$gpus" -eq 0 ] || echo "Name=gpu File=$D/dev/gpu[0-$((gpus - 1))]" >"$D/gres.conf"

    cat >"$D/slurmdbd.conf" <<END
DbdHost=$host
DbdAddr=127.0.0.1
DbdPort=$((port + 2))
$bind
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$D/run/munge.sock
PidFile=$D/run/slurmdbd.self.pid
LogFile=$D/log/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=root
StorageLoc=slurm_acct
END
    chmod 600 "$D/slurmdbd.conf"
}

# The clients find this cluster by SLURM_CONF. Snakemake's SLURM plugins clear every SLURM_*
# variable before they call srun, so the setting goes into commands on PATH instead.
write_clients() {
    local c
    printf '#!/bin/sh\nSLURM_CONF=%s exec /usr/bin/${0##*/} "$@"\n' "$SLURM_CONF" >"$D/bin/.client"
    chmod 755 "$D/bin/.client"
    for c in salloc sattach sbatch sbcast scancel scontrol sdiag sinfo sprio squeue srun sshare sstat \
        sacct sacctmgr sreport; do
        ln -sfn .client "$D/bin/$c"
    done
}

start() {
    local t=$SECONDS c missing=
    for c in munged mariadbd mariadb-install-db slurmdbd slurmctld slurmd sbatch sacctmgr; do
        command -v $c >/dev/null || missing="$missing $c"
    done
    [ -z "$missing" ] || die "not installed:$missing
apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends munge mariadb-server slurmdbd slurmctld slurmd slurm-client"

    mkdir -p "$D" && chmod 755 "$D" || die "cannot make $D"
    mkdir -p "$D"/{run,log,state,spool,key,munge,dev,bin} && chmod 755 "$D/run" && chmod 700 "$D"/{log,state,key,munge}
    [ -s "$D/slurm.conf" ] || write_conf
    write_clients
    [ -s "$D/key/munge.key" ] || (umask 077; head -c 1024 /dev/urandom >"$D/key/munge.key")

    spawn munged munged --foreground --force --key-file="$D/key/munge.key" --socket="$D/run/munge.sock" \
        --pid-file="$D/run/munged.self.pid" --log-file="$D/log/munged.log" --seed-file="$D/munge/seed"
    until_ok 10 munged munge -n -S "$D/run/munge.sock"

    [ -d "$D/mariadb/mysql" ] || mariadb-install-db --no-defaults --user=root --datadir="$D/mariadb" \
        --auth-root-authentication-method=socket --skip-test-db >"$D/log/mariadb-install.log" 2>&1 ||
        die "mariadb-install-db failed; see $D/log/mariadb-install.log"
    spawn mariadbd mariadbd --no-defaults --user=root --datadir="$D/mariadb" --skip-networking \
        --socket="$D/run/mariadb.sock" --pid-file="$D/run/mariadbd.self.pid" --log-error="$D/log/mariadbd.log" \
        --innodb-buffer-pool-size=128M --innodb-lock-wait-timeout=900 --innodb-use-native-aio=0
    until_ok 60 mariadbd sql 'select 1'

    # slurmdbd takes the path of its configuration from SLURM_CONF's directory, and the
    # database's socket from the client library's own variable
    spawn slurmdbd env MYSQL_UNIX_PORT="$D/run/mariadb.sock" slurmdbd -D
    until_ok 60 slurmdbd sacctmgr -n list cluster
    sacctmgr -n list cluster format=cluster | grep -qw one || sacctmgr -i add cluster one >/dev/null

    spawn slurmctld slurmctld -D -f "$D/slurm.conf"
    until_ok 30 slurmctld ctld_up
    spawn slurmd slurmd -D -f "$D/slurm.conf"
    until_ok 60 slurmd node_ready
    sinfo
    echo "up in $((SECONDS - t)) s; now: export PATH=$D/bin:\$PATH"
}

jobs_gone() { [ -z "$(squeue -h -o %A)" ]; }

stop() {
    local name p i
    [ -s "$D/slurm.conf" ] || die "no cluster in $D"
    if pid_of slurmctld >/dev/null; then
        squeue -h -o %A | sort -u | xargs -r scancel
        for i in {1..100}; do jobs_gone && break; sleep 0.3; done
    fi
    for name in slurmd slurmctld slurmdbd mariadbd munged; do
        p=$(pid_of $name) || continue
        kill "$p"
        for i in {1..150}; do pid_of $name >/dev/null || break; sleep 0.2; done
        pid_of $name >/dev/null && echo "$name ($p) does not end; killing it" >&2 && kill -9 "$p"
        rm -f "$D/run/$name.pid"
    done
}

case $verb in
    start) start ;;
    stop) stop ;;
    *) die "$usage" ;;
esac

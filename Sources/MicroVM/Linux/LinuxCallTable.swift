import Glibc

/// The system calls that guests may make: all others fail with ENOSYS and are counted by name.
enum LinuxCallTable {
  typealias Body =
    @Sendable (inout LinuxProcess, LinuxProcess.Arguments, inout GuestMemory) throws(MachineFault)
    -> LinuxProcess.Outcome

  enum Rule: Sendable {
    case unserved
    /// Succeeds without doing anything, because nothing that a guest could see would differ. Answered inside the guest.
    case constant(Int)
    /// Fails as on a kernel without the feature; programs are known to have another way. Answered inside the guest.
    case failure(Int32)
    case served(Body)
  }

  static let rules: [Rule] = {
    var rules = [Rule](repeating: .unserved, count: 512)
    for (number, rule) in table { rules[number] = rule }
    return rules
  }()

  private static let table: [Int: Rule] = [
    // Requests, results, files.
    0: .served { (p, a, m) throws(MachineFault) in try p.read(a.a, into: a.b, a.c, &m) },
    1: .served { (p, a, m) throws(MachineFault) in p.write(a.a, from: a.b, a.c, &m) },
    2: .served { (p, a, m) throws(MachineFault) in p.openFile(a.a, flags: a.b, &m) },  // open
    3: .served { (p, a, m) throws(MachineFault) in p.close(a.a) },
    4: .served { (p, a, m) throws(MachineFault) in p.status(path: a.a, into: a.b, &m) },  // stat
    5: .served { (p, a, m) throws(MachineFault) in p.status(of: a.a, into: a.b, &m) },  // fstat
    6: .served { (p, a, m) throws(MachineFault) in p.status(path: a.a, into: a.b, &m) },  // lstat
    8: .served { (p, a, m) throws(MachineFault) in p.seek(a.a, Int64(bitPattern: a.b), from: a.c) },
    16: .served { (p, a, m) throws(MachineFault) in p.isOpen(a.a) ? .failure(ENOTTY) : .failure(EBADF) },  // ioctl
    17: .served { (p, a, m) throws(MachineFault) in try p.read(a.a, into: a.b, a.c, at: a.d, &m) },  // pread64
    19: .served { (p, a, m) throws(MachineFault) in try p.readVector(a.a, a.b, a.c, &m) },
    20: .served { (p, a, m) throws(MachineFault) in p.writeVector(a.a, a.b, a.c, &m) },
    21: .served { (p, a, m) throws(MachineFault) in p.access(a.a, mode: a.b, &m) },
    32: .served { (p, a, m) throws(MachineFault) in p.duplicate(a.a, atLeast: 0) },  // dup
    33: .served { (p, a, m) throws(MachineFault) in p.duplicate(a.a, to: a.b) },  // dup2
    72: .served { (p, a, m) throws(MachineFault) in p.control(a.a, a.b, a.c) },  // fcntl
    79: .served { (p, a, m) throws(MachineFault) in p.workingDirectory(into: a.a, a.b, &m) },
    89: .served { (p, a, m) throws(MachineFault) in p.readLink(a.a, into: a.b, a.c, &m) },
    217: .served { (p, a, m) throws(MachineFault) in p.directoryEntries(a.a, into: a.b, a.c, &m) },
    257: .served { (p, a, m) throws(MachineFault) in p.openFile(a.b, flags: a.c, at: a.a, &m) },  // openat
    262: .served { (p, a, m) throws(MachineFault) in p.status(at: a.a, path: a.b, into: a.c, flags: a.d, &m) },
    267: .served { (p, a, m) throws(MachineFault) in p.readLink(a.b, into: a.c, a.d, &m) },  // readlinkat
    269: .served { (p, a, m) throws(MachineFault) in p.access(a.b, mode: a.c, &m) },  // faccessat
    292: .served { (p, a, m) throws(MachineFault) in p.duplicate(a.a, to: a.b) },  // dup3
    439: .served { (p, a, m) throws(MachineFault) in p.access(a.b, mode: a.c, &m) },  // faccessat2

    // Memory.
    9: .served { (p, a, m) throws(MachineFault) in try p.map(a, &m) },
    10: .served { (p, a, m) throws(MachineFault) in try p.protect(a.a, a.b, a.c, &m) },
    11: .served { (p, a, m) throws(MachineFault) in try p.unmap(a.a, a.b, &m) },
    12: .served { (p, a, m) throws(MachineFault) in try p.setHeapEnd(a.a, &m) },
    25: .served { (p, a, m) throws(MachineFault) in try p.remap(a, &m) },
    28: .served { (p, a, m) throws(MachineFault) in try p.advise(a.a, a.b, a.c, &m) },

    // Time.
    35: .served { (p, a, m) throws(MachineFault) in try p.sleep(a.a, isAbsolute: false, clock: 1, &m) },  // nanosleep
    96: .served { (p, a, m) throws(MachineFault) in p.timeOfDay(into: a.a, &m) },
    201: .served { (p, a, m) throws(MachineFault) in p.seconds(into: a.a, &m) },  // time
    228: .served { (p, a, m) throws(MachineFault) in p.time(of: a, &m) },  // clock_gettime
    229: .served { (p, a, m) throws(MachineFault) in p.resolution(into: a.b, &m) },  // clock_getres
    230: .served { (p, a, m) throws(MachineFault) in
      try p.sleep(a.c, isAbsolute: a.b & 1 != 0, clock: a.a, &m)  // clock_nanosleep
    },

    // Who and where.
    39: .constant(1),  // getpid
    63: .served { (p, a, m) throws(MachineFault) in p.systemName(into: a.a, &m) },
    97: .served { (p, a, m) throws(MachineFault) in p.limit(a.a, into: a.b, &m) },  // getrlimit
    98: .served { (p, a, m) throws(MachineFault) in p.zeros(at: a.b, 144, &m) },  // getrusage
    99: .served { (p, a, m) throws(MachineFault) in p.systemInformation(into: a.a, &m) },
    100: .served { (p, a, m) throws(MachineFault) in p.zeros(at: a.a, a.a == 0 ? 0 : 32, &m) },  // times
    102: .constant(1000), 104: .constant(1000), 107: .constant(1000), 108: .constant(1000),  // getuid … getegid
    110: .constant(0), 111: .constant(1), 115: .constant(0),  // getppid, getpgrp, getgroups
    186: .constant(1),  // gettid
    204: .served { (p, a, m) throws(MachineFault) in p.affinity(a.b, into: a.c, &m) },
    302: .served { (p, a, m) throws(MachineFault) in p.setLimit(a.b, new: a.c, old: a.d, &m) },  // prlimit64
    318: .served { (p, a, m) throws(MachineFault) in p.random(a.a, a.b, &m) },  // getrandom

    // One thread, no signals.
    13: .served { (p, a, m) throws(MachineFault) in p.signalAction(old: a.c, &m) },
    14: .served { (p, a, m) throws(MachineFault) in p.zeros(at: a.c, a.c == 0 ? 0 : 8, &m) },  // rt_sigprocmask
    24: .constant(0),  // sched_yield
    60: .served { (p, a, m) throws(MachineFault) in .end(status: Int32(a.a & 255)) },  // exit
    62: .served { (p, a, m) throws(MachineFault) in p.raise(a.b) },  // kill
    131: .served { (p, a, m) throws(MachineFault) in p.zeros(at: a.b, a.b == 0 ? 0 : 24, &m) },  // sigaltstack
    157: .failure(EINVAL),  // prctl
    158: .served { (p, a, m) throws(MachineFault) in p.architecture(a.a, a.b) },  // arch_prctl
    200: .served { (p, a, m) throws(MachineFault) in p.raise(a.b) },  // tkill
    202: .served { (p, a, m) throws(MachineFault) in try p.futex(a, &m) },
    218: .constant(1), 273: .constant(0),  // set_tid_address, set_robust_list
    231: .served { (p, a, m) throws(MachineFault) in .end(status: Int32(a.a & 255)) },  // exit_group
    234: .served { (p, a, m) throws(MachineFault) in p.raise(a.c) },  // tgkill
    324: .failure(ENOSYS), 334: .failure(ENOSYS),  // membarrier, rseq
    332: .failure(ENOSYS), 435: .failure(ENOSYS),  // statx, clone3: programs then call newfstatat and clone
  ]
}

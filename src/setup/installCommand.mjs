import { readFileSync } from 'node:fs';

/** Packages with Python and pip, and with a C++ compiler, by the name that the system gives to itself. */
const MANAGERS = [
  {
    systems: ['debian', 'ubuntu'],
    install: 'apt-get install -y',
    python: 'python3 python3-pip',
    compiler: 'g++',
  },
  {
    systems: ['fedora', 'rhel'],
    install: 'dnf install -y',
    python: 'python3 python3-pip',
    compiler: 'gcc-c++',
  },
  {
    systems: ['suse', 'opensuse'],
    install: 'zypper install -y',
    python: 'python3 python3-pip',
    compiler: 'gcc-c++',
  },
  { systems: ['arch'], install: 'pacman -S', python: 'python python-pip', compiler: 'gcc' },
  { systems: ['alpine'], install: 'apk add', python: 'python3 py3-pip', compiler: 'g++' },
];
const OTHERS = {
  darwin: { python: 'brew install python', compiler: 'xcode-select --install' },
  win32: { python: 'winget install Python.Python.3.13', compiler: 'winget install LLVM.LLVM' },
};

/**
 * The command that installs Python with pip, or a C++ compiler, on this system.
 * @param {'python' | 'compiler'} what
 * @param {{platform?: string, osRelease?: string, isRoot?: boolean}} [system] osRelease: text of /etc/os-release
 * @returns {string}
 */
export function installCommand(what, system = {}) {
  const { platform = process.platform, isRoot = process.getuid?.() === 0 } = system;
  if (platform === 'darwin' || platform === 'win32') return OTHERS[platform][what];
  const names = systemNames(system.osRelease ?? readOsRelease());
  const manager = MANAGERS.find(({ systems }) => systems.some((name) => names.includes(name)));
  if (!manager) return what === 'python' ? 'install python3 with pip' : 'install g++ or clang++';
  return `${isRoot ? '' : 'sudo '}${manager.install} ${manager[what]}`;
}

/** The system's own name and those that it says it is like. */
function systemNames(/** @type {string} */ osRelease) {
  const values = [...osRelease.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)].map(([, value]) => value.replace(/"/g, ''));
  return values.flatMap((value) => value.split(/\s+/));
}

function readOsRelease() {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

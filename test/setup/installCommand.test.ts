import { describe, expect, it } from 'vitest';
import { installCommand } from '../../src/setup/installCommand.mjs';

const linux = (osRelease: string) => ({ platform: 'linux', osRelease, isRoot: false });

describe('the command that installs what is missing', () => {
  it.each([
    ['ID=debian\n', 'sudo apt-get install -y g++', 'sudo apt-get install -y python3 python3-pip'],
    ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', 'sudo apt-get install -y g++', /apt-get/],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'sudo dnf install -y gcc-c++', /dnf .*python3-pip$/],
    ['ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', 'sudo zypper install -y gcc-c++', /zypper/],
    ['ID=arch\n', 'sudo pacman -S gcc', /pacman -S python python-pip$/],
    ['ID=alpine\n', 'sudo apk add g++', /apk add python3 py3-pip$/],
  ])('follows the system that /etc/os-release names: %j', (osRelease, compiler, python) => {
    expect(installCommand('compiler', linux(osRelease))).toBe(compiler);
    expect(installCommand('python', linux(osRelease))).toMatch(python);
  });

  it('needs no sudo for root', () => {
    expect(installCommand('compiler', { ...linux('ID=debian'), isRoot: true })).toBe(
      'apt-get install -y g++',
    );
  });

  it('is that of macOS and of Windows there', () => {
    expect(installCommand('python', { platform: 'darwin' })).toBe('brew install python');
    expect(installCommand('compiler', { platform: 'darwin' })).toBe('xcode-select --install');
    expect(installCommand('python', { platform: 'win32' })).toMatch(/^winget install Python/);
  });

  it('names what to install on a system that it does not know', () => {
    expect(installCommand('compiler', linux('ID=nixos\n'))).toBe('install g++ or clang++');
    expect(installCommand('python', linux(''))).toBe('install python3 with pip');
  });
});

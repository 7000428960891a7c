import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { explain } from '../../src/cli/explain.js';
import { DomainError, FormatError, MissingError, ShapeError, UsageError } from '../../src/core/errors.js';

const systemError = (code: string, more: object) =>
  Object.assign(new Error(`${code}: text`), { code, ...more });

describe('explain', () => {
  it('gives wrong use 2 and other failures of ours 1, in their own words', () => {
    for (const error of [new UsageError('a'), new ShapeError('a')]) {
      expect(explain(error)).toEqual({ code: 2, text: 'a' });
    }
    for (const error of [new DomainError('a'), new FormatError('a'), new MissingError('a')]) {
      expect(explain(error)).toEqual({ code: 1, text: 'a' });
    }
  });

  it('gives an abort 130', () => {
    expect(explain(new DOMException('stopped', 'AbortError'))).toEqual({ code: 130, text: 'stopped' });
  });

  it.each([
    ['ENOSPC', 1, /^x: the disk is full; /],
    ['EACCES', 1, /^x: permission denied; /],
    ['EROFS', 1, /^x: the file system is read-only; /],
    ['EISDIR', 2, /^x: expected a file, got a folder; /],
    ['ENOTDIR', 2, /^x: expected a folder, got a file; /],
    ['ENOENT', 2, /^x: expected a path that exists, got none; /],
  ])('says %s in words', (name, code, text) => {
    const explained = explain(systemError(name, { path: 'x' }));
    expect(explained.code).toBe(code);
    expect(explained.text).toMatch(text);
  });

  it('names the place that a file was to be moved to, not the temporary file', () => {
    const { text } = explain(systemError('EISDIR', { path: '.12-ab.tmp', dest: 'out.npz' }));
    expect(text).toMatch(/^out\.npz: /);
  });

  it('says what to do about arrays that do not fit in memory', () => {
    let thrown: unknown;
    try {
      new Float32Array(2 ** 53 - 1);
    } catch (error) {
      thrown = error;
    }
    expect(explain(thrown)).toMatchObject({
      code: 1,
      text: expect.stringMatching(/memory: .*; ask for less/),
    });
  });

  it('puts what commander says in two lines into one', () => {
    const message = "error: unknown command 'trian'\n(Did you mean train?)";
    expect(explain(new CommanderError(1, 'commander.unknownCommand', message))).toEqual({
      code: 2,
      text: "unknown command 'trian' (did you mean train?); add --help for usage",
    });
  });

  it('takes help that was asked for as success', () => {
    expect(explain(new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)')).code).toBe(0);
  });

  it('calls anything else unexpected, and survives what is no Error', () => {
    for (const error of [new TypeError('x is not a function'), 'text', null, undefined, 7]) {
      expect(explain(error)).toMatchObject({
        code: 1,
        text: expect.stringContaining('unexpected; --verbose'),
      });
    }
  });
});

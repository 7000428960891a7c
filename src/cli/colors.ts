import pc from 'picocolors';

/**
 * Colours for a terminal, plain text elsewhere. picocolors alone also colours where an environment variable says CI,
 * and escape codes in a log are noise.
 */
function colorsFor(stream: NodeJS.WriteStream): ReturnType<typeof pc.createColors> {
  return pc.createColors(stream.isTTY === true && pc.isColorSupported);
}

export const outColors = colorsFor(process.stdout);
export const errorColors = colorsFor(process.stderr);

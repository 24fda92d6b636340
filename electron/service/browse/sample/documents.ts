/**
 * A sound as an uncompressed WAV: 16 bits, one channel (http://soundfile.sapp.org/doc/WaveFormat/).
 *
 * @param rate samples a second.
 * @param amplitude of a sample at a time in seconds, from -32,768 to 32,767.
 */
export function wavOf(seconds: number, rate: number, amplitude: (time: number) => number): Buffer {
  const samples = Math.round(seconds * rate);
  const bytes = Buffer.alloc(44 + samples * 2);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + samples * 2, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(samples * 2, 40);
  for (let at = 0; at < samples; at += 1) bytes.writeInt16LE(Math.round(amplitude(at / rate)), 44 + at * 2);
  return bytes;
}

/** A sound recording: two voices of a slow melody. */
export function recording(seconds: number): Uint8Array {
  const notes = [220, 247, 262, 294, 330, 294, 262, 247];
  return wavOf(seconds, 8_000, (time) => {
    const note = notes[Math.floor(time * 2) % notes.length] ?? 220;
    const fade = 1 - ((time * 2) % 1) * 0.7;
    const wave = Math.sin(2 * Math.PI * note * time) * 0.5 + Math.sin(Math.PI * note * time) * 0.25;
    return wave * fade * 12_000;
  });
}

/** A PDF of pages of text, in a font that every viewer has. Only characters of Latin-1. */
export function pdfOf(title: string, pages: readonly (readonly string[])[]): Uint8Array {
  const objects: string[] = [];
  const kids = pages.map((_, index) => `${4 + index * 2} 0 R`).join(' ');
  objects.push('<< /Type /Catalog /Pages 2 0 R >>');
  objects.push(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`);
  objects.push('<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>');
  for (const [index, lines] of pages.entries()) {
    const shown = [
      `BT /F1 20 Tf 72 760 Td (${escaped(index === 0 ? title : `${title}, page ${index + 1}`)}) Tj ET`,
      ...lines.map((line, row) => `BT /F1 12 Tf 72 ${724 - row * 18} Td (${escaped(line)}) Tj ET`),
    ].join('\n');
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + index * 2} 0 R >>`,
    );
    objects.push(`<< /Length ${shown.length} >>\nstream\n${shown}\nendstream`);
  }
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const offset of offsets) text += `${String(offset).padStart(10, '0')} 00000 n \n`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}

function escaped(text: string): string {
  return text.replace(/[\\()]/g, (character) => `\\${character}`);
}

/** Part of a list of holdings, as spreadsheets write it. */
export function holdings(rows: number, checked: number): Uint8Array {
  const places = ['Reading room', 'Strongroom A', 'Strongroom B', 'Map cabinet'];
  const titles = [
    'Letters of Anna Weiß',
    'Atlas novus, volume',
    'Parish register',
    'Minutes of the senate',
    'Herbarium sheet',
  ];
  const lines = ['"Shelf mark","Title","Place","Leaves","Condition checked"'];
  for (let row = 0; row < rows; row += 1) {
    const title = `${titles[row % titles.length] ?? ''} ${1 + Math.floor(row / titles.length)}`;
    const mark = `MS ${String(100 + row)}`;
    lines.push(
      `"${mark}","${title}","${places[(row * 3) % places.length] ?? ''}",${12 + ((row * 37) % 240)},"${row < checked ? 'yes' : ''}"`,
    );
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}

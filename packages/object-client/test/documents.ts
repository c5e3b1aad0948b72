// Small documents of the kinds that a loan file has, made from nothing: MISMO's XML, a PDF and a spreadsheet.
import { crc32, deflateRawSync } from "node:zlib";

const latin1 = (text: string) => Buffer.from(text, "latin1");

/** A message of MISMO 3.4, as systems write it: with a byte order mark, line ends of Windows and letters beyond ASCII. */
export function mismoXml(): Uint8Array {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<MESSAGE xmlns="http://www.mismo.org/residential/2009/schemas" MISMOReferenceModelIdentifier="3.4.0">',
    '  <DEAL_SETS><DEAL_SET><DEALS><DEAL><LOANS><LOAN LoanRoleType="SubjectLoan">',
    "    <TERMS_OF_LOAN><BaseLoanAmount>250000.00</BaseLoanAmount></TERMS_OF_LOAN>",
    "  </LOAN></LOANS><PARTIES><PARTY><INDIVIDUAL><NAME><FullName>Zoë Müller</FullName></NAME></INDIVIDUAL></PARTY></PARTIES>",
    "  </DEAL></DEALS></DEAL_SET></DEAL_SETS>",
    "</MESSAGE>",
  ];
  return Buffer.from(`\ufeff${lines.map((line) => `${line}\r\n`).join("")}`);
}

/** One page; its table of references says where each object begins, so a byte more or less anywhere would break it. */
export function pdf(): Uint8Array {
  const content = "BT /F1 24 Tf 72 720 Td (Promissory Note) Tj ET";
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let text = "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n";
  const places = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, "0")} 00000 n \n`;
  });
  const table = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join("")}`;
  return latin1(`${text}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`);
}

/** An Office Open XML workbook of one cell: a ZIP archive. */
export function spreadsheet(): Uint8Array {
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
  const packaged = "http://schemas.openxmlformats.org/package/2006";
  const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  return zip({
    "[Content_Types].xml": `${head}<Types xmlns="${packaged}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${type}.worksheet+xml"/></Types>`,
    "_rels/.rels": `${head}<Relationships xmlns="${packaged}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `${head}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="Tape" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `${head}<Relationships xmlns="${packaged}/relationships"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    "xl/worksheets/sheet1.xml": `${head}<worksheet xmlns="${main}"><sheetData><row r="1"><c r="A1"><v>250000</v></c></row></sheetData></worksheet>`,
  });
}

function zip(entries: Readonly<Record<string, string>>): Uint8Array {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(entries)) {
    const content = Buffer.from(text);
    const packed = deflateRawSync(content);
    // Version 2.0, no flags, deflated, 1 January 1980.
    const common = Buffer.alloc(26);
    for (const [place, value] of [
      [0, 20],
      [4, 8],
      [8, 33],
      [22, name.length],
    ] as const)
      common.writeUInt16LE(value, place);
    for (const [place, value] of [
      [10, crc32(content)],
      [14, packed.length],
      [18, content.length],
    ] as const) {
      common.writeUInt32LE(value, place);
    }
    const whole = Buffer.concat([latin1("PK\x03\x04"), common, latin1(name), packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    central.push(Buffer.concat([latin1("PK\x01\x02"), Buffer.of(20, 0), common, place, latin1(name)]));
    local.push(whole);
    at += whole.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  for (const place of [4, 6]) end.writeUInt16LE(central.length, place);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...local, directory, latin1("PK\x05\x06"), end]);
}

import { extname } from "node:path";

const byExtension: Readonly<Record<string, string>> = {
  ".binpb": "application/protobuf",
  ".csv": "text/csv",
  ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  ".gif": "image/gif",
  ".gz": "application/gzip",
  ".html": "text/html",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".md": "text/markdown",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".tif": "image/tiff",
  ".tiff": "image/tiff",
  ".txt": "text/plain",
  ".xls": "application/vnd.ms-excel",
  ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  ".xml": "application/xml",
  ".zip": "application/zip",
};

/** What a file's name says of its content: for people and programs that ask, nothing decides by it. */
export function mediaTypeOf(name: string): string {
  return byExtension[extname(name).toLowerCase()] ?? "application/octet-stream";
}

/** One end of a TCP connection over loopback. */
interface End {
  readonly address: string;
  readonly port: number;
}

/**
 * The user id of the process behind a connection of this machine, out of Linux' `/proc/net/tcp` or `tcp6`: `near` is that process's
 * end, `far` the other. Undefined where the table does not have it.
 */
export function ownerOf(table: string, near: End, far: End): number | undefined {
  const wanted = `${endText(near)} ${endText(far)}`;
  for (const line of table.split("\n")) {
    const fields = line.trim().split(/\s+/);
    const [, local = "", remote = ""] = fields;
    if (`${shortened(local)} ${shortened(remote)}` === wanted) return Number(fields[7]);
  }
  return undefined;
}

/** As the kernel writes it: the address in the byte order of little-endian machines, both in hexadecimal. */
function endText({ address, port }: End): string {
  const bytes = address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return `${bytes.toReversed().join("")}:${port.toString(16).padStart(4, "0")}`.toUpperCase();
}

/** An IPv4 address in the table of IPv6 is the end of a longer one. */
function shortened(end: string): string {
  return end.slice(-"0100007F:0000".length);
}

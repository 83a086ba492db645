// What is wrong, line by line, of one file or of several.

import { ordinary } from "../../lib/sizes.ts";

interface Props {
  label: string;
  errors: readonly { file?: string; line: number; message: string }[];
  total: number;
}

export function LineErrors({ label, errors, total }: Props) {
  const hasFiles = errors.some(({ file }) => file !== undefined);
  return (
    <>
      <div class="import-errors" role="region" aria-label={label} tabIndex={0}>
        <table class="rows">
          <caption class="out-of-sight">{label}</caption>
          <thead>
            <tr>
              {hasFiles && <th scope="col">File</th>}
              <th scope="col" class="number">
                Line
              </th>
              <th scope="col">What is wrong</th>
            </tr>
          </thead>
          <tbody>
            {errors.map(({ file, line, message }) => (
              <tr key={`${file}:${line}`}>
                {hasFiles && (
                  <td>
                    <bdi>{file}</bdi>
                  </td>
                )}
                <td class="number">{ordinary(line)}</td>
                <td>
                  <bdi>{message}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {total > errors.length && (
        <p class="hint">
          These are {ordinary(errors.length)} of {ordinary(total)}.
        </p>
      )}
    </>
  );
}

export class Output {
  counts: Map<string, number>;
  left: Map<string, number>;
  renamed: Map<string, string>;
  refused: number;
  put(text: string): Promise<void>;
  refusal(file: string, line: number, text: string, why: string): Promise<void>;
}

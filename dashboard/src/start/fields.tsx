/** The fields of a flow's parameters. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Toggle from "@cloudscape-design/components/toggle";

import type { FlowParameter } from "../api/types";
import { useWords } from "../i18n/language";
import { inline, type Field, type Fields } from "./form";

interface Props {
  parameters: readonly FlowParameter[];
  fields: Fields;
  problems: Record<string, string>;
  onChange: (name: string, value: Field) => void;
}

export function ParameterFields({ parameters, fields, problems, onChange }: Props) {
  const words = useWords();
  return (
    <SpaceBetween size="m">
      {parameters.map((parameter) => (
        <FormField
          key={parameter.name}
          label={
            <>
              {parameter.name}
              {!parameter.required && <i> - {words.start.optional}</i>}
            </>
          }
          description={describe(parameter)}
          constraintText={
            parameter.required ? undefined : words.start.defaultIs(inline(parameter.default) || words.start.empty)
          }
          errorText={problems[parameter.name]}
        >
          <Control
            parameter={parameter}
            value={fields[parameter.name] ?? null}
            onChange={(value) => onChange(parameter.name, value)}
          />
        </FormField>
      ))}
    </SpaceBetween>
  );

  function describe({ kind, accepts }: FlowParameter): string {
    return kind === "list" ? `${accepts} (${words.start.onePerLine})` : accepts;
  }
}

interface ControlProps {
  parameter: FlowParameter;
  value: Field;
  onChange: (value: Field) => void;
}

function Control({ parameter, value, onChange }: ControlProps) {
  const words = useWords();
  const { kind, nullable, choices } = parameter;
  if (kind === "boolean" && !nullable) {
    return (
      <Toggle checked={value === true} onChange={({ detail }) => onChange(detail.checked)}>
        {value === true ? words.start.yes : words.start.no}
      </Toggle>
    );
  }
  if (kind === "boolean" || kind === "choice") {
    const values = kind === "boolean" ? [true, false] : choices;
    const options = [
      ...(nullable ? [{ value: "", label: words.start.empty }] : []),
      ...values.map((each) => ({ value: String(each), label: label(each) })),
    ];
    return (
      <Select
        options={options}
        selectedOption={options.find((option) => option.value === String(value ?? "")) ?? null}
        placeholder={words.start.choose}
        onChange={({ detail }) => {
          const chosen = detail.selectedOption.value ?? "";
          onChange(chosen === "" ? null : kind === "boolean" ? chosen === "true" : chosen);
        }}
      />
    );
  }
  const text = typeof value === "string" ? value : "";
  const typed = (next: string) => onChange(nullable && next === "" ? null : next);
  if (kind === "list" || kind === "json") {
    return <Textarea value={text} rows={3} spellcheck={false} onChange={({ detail }) => typed(detail.value)} />;
  }
  return (
    <Input
      value={text}
      spellcheck={false}
      inputMode={kind === "integer" ? "numeric" : kind === "number" ? "decimal" : "text"}
      onChange={({ detail }) => typed(detail.value)}
    />
  );

  function label(each: string | number | boolean): string {
    if (typeof each === "boolean") return each ? words.start.yes : words.start.no;
    return String(each);
  }
}

/** The fields of a flow's parameters. */
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import TimeInput from "@cloudscape-design/components/time-input";
import Toggle from "@cloudscape-design/components/toggle";

import type { FlowParameter } from "../api/types";
import { useWords } from "../i18n/language";
import { useInLanguage } from "../ui/user";
import { inline, pickerOf, type Field, type Fields } from "./form";
import { useAccepts } from "./words";

interface Props {
  parameters: readonly FlowParameter[];
  fields: Fields;
  problems: Record<string, string>;
  onChange: (name: string, value: Field) => void;
}

export function ParameterFields({ parameters, fields, problems, onChange }: Props) {
  const words = useWords();
  const inLanguage = useInLanguage();
  const accepts = useAccepts();
  return (
    <SpaceBetween size="m">
      {parameters.map((parameter) => (
        <FormField
          key={parameter.name}
          label={
            <>
              {inLanguage(parameter.title, parameter.title_ja) ?? parameter.name}
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

  function describe(parameter: FlowParameter): string {
    const { name } = parameter;
    const taken = accepts(parameter);
    const description = inLanguage(parameter.description, parameter.description_ja);
    // The name is what the command line and the log call it.
    const called = inLanguage(parameter.title, parameter.title_ja) && name;
    return [description, called ? `${called}: ${taken}` : taken].filter(Boolean).join(" ");
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
  const picker = pickerOf(parameter);
  if (picker) {
    const picked = ({ detail }: { detail: { value: string } }) =>
      onChange(nullable && detail.value === "" ? null : detail.value);
    if (picker === "time") return <TimeInput value={text} format="hh:mm" placeholder="hh:mm" onChange={picked} />;
    return <DatePicker value={text} format="iso" placeholder="YYYY-MM-DD" expandToViewport onChange={picked} />;
  }
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

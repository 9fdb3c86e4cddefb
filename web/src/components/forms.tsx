import {
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type InputHTMLAttributes,
  type ReactNode,
} from "react";
import { Icon, type IconName } from "./icons";

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  help?: ReactNode;
  error?: string | undefined;
}

export function Field({ label, help, error, className, ...input }: FieldProps) {
  const id = useId();
  const described = [help ? `${id}-h` : "", error ? `${id}-e` : ""].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={`in ${className ?? ""}`}
        aria-describedby={described || undefined}
        aria-invalid={error ? true : undefined}
        {...input}
      />
      {help ? (
        <div className="help" id={`${id}-h`}>
          {help}
        </div>
      ) : null}
      {error ? (
        <p className="error" id={`${id}-e`}>
          <Icon name="warn" small />
          {error}
        </p>
      ) : null}
    </div>
  );
}

export function PasswordField(props: FieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <div className="secretfield">
      <Field
        {...props}
        type={shown ? "text" : "password"}
        spellCheck={false}
        autoCapitalize="none"
      />
      <button
        type="button"
        className="link asbtn reveal"
        aria-pressed={shown}
        onClick={() => setShown(!shown)}
      >
        {shown ? "Hide password" : "Show password"}
      </button>
    </div>
  );
}

/** The name somebody signs in with. */
export function NameField({
  value,
  onChange,
}: {
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Field
      label="Email or name"
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      required
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

/**
 * One field for the six digits: paste, autofill and screen readers work as with any other field.
 */
export function TotpCode({
  value,
  onChange,
  label = "6-digit code",
  error,
  help,
  autoFocus,
}: {
  value: string;
  onChange: (value: string) => void;
  label?: string;
  error?: string | undefined;
  help?: string;
  autoFocus?: boolean;
}) {
  return (
    <Field
      label={label}
      className="code"
      inputMode="numeric"
      autoComplete="one-time-code"
      maxLength={7}
      pattern="[0-9 ]*"
      value={value}
      error={error}
      autoFocus={autoFocus}
      onChange={(event) => onChange(event.target.value.replace(/\D/g, "").slice(0, 6))}
      help={help ?? "From your authenticator app. A new one appears every 30 seconds."}
    />
  );
}

export function TextArea({
  label,
  value,
  onChange,
  rows = 5,
  help,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  rows?: number;
  help?: string;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className="in area"
        rows={rows}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      {help ? <p className="help">{help}</p> : null}
    </div>
  );
}

export function Select({
  label,
  hidden,
  value,
  onChange,
  options,
}: {
  label: string;
  hidden?: boolean;
  value: string;
  onChange: (value: string) => void;
  options: { value: string; label: string }[];
}) {
  const id = useId();
  return (
    <div className={hidden ? "by" : "field"}>
      <label className={hidden ? "vh" : undefined} htmlFor={id}>
        {label}
      </label>
      <select
        id={id}
        className="in"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Search({
  value,
  onChange,
  placeholder,
  label,
}: {
  value: string;
  onChange: (value: string) => void;
  placeholder: string;
  label: string;
}) {
  return (
    <label className="find">
      <Icon name="search" />
      <span className="vh">{label}</span>
      <input
        className="in"
        type="search"
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

/** A row that is ticked as a whole. */
export function Pick({
  type = "checkbox",
  name,
  checked,
  onChange,
  icon,
  title,
  meta,
  end,
}: {
  type?: "checkbox" | "radio";
  name?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  icon?: IconName;
  title: ReactNode;
  meta?: ReactNode;
  end?: ReactNode;
}) {
  return (
    <label className={checked ? "pick on" : "pick"}>
      <input
        type={type}
        name={name}
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      {icon ? <Icon name={icon} /> : null}
      <span>
        <b>{title}</b>
        {meta ? <span className="meta">{meta}</span> : null}
      </span>
      {end}
    </label>
  );
}

/** The browser's own modal dialog: focus stays inside, Escape closes it, focus returns. */
export function Dialog({
  title,
  open,
  onClose,
  children,
}: {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Closed while it is still in the page, else the browser cannot give the focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (!dialog || !open) return;
    dialog.showModal();
    // The browser would choose the first control, which is the one that closes.
    const first = dialog.querySelector<HTMLElement>("input, textarea, select, .acts button");
    first?.focus();
    return () => dialog.close();
  }, [open]);
  if (!open) return null;
  return (
    <dialog
      ref={ref}
      className="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="stack mid">
        <div className="row between">
          <h2 id={id}>{title}</h2>
          <button className="btn quiet icon" type="button" aria-label="Close" onClick={onClose}>
            <Icon name="cross" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}

/** A hint for people who cannot see the page change. */
export function LiveRegion({ children }: { children: ReactNode }) {
  return (
    <p className="vh" role="status" aria-live="polite">
      {children}
    </p>
  );
}

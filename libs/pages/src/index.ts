export { Document, Heading, Subheading } from './document.js';
export { ExternalText } from './external-text.js';
export { CheckboxList, type Choice, PasswordField, TextField } from './fields.js';
export { Button, Buttons, Form } from './form.js';
export { Alert, type Definition, DefinitionList, ErrorSummary, type FieldProblem, Note, Warning } from './messages.js';
export { type RenderedPage, renderPage } from './render-page.js';

/** Input of create_invoice, for a customer that the demo data has. */
export const NEW_INVOICE = {
  customer: 'Harbour Café',
  description: 'A flow that was tested',
  amount: 1250,
  currency: 'EUR',
} as const;

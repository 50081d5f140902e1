import { type Resource, ResourceServerModule, type ResourceServerOptions } from '@gatehouse/resource-kit';
import { type DynamicModule, Module } from '@nestjs/common';
import { expenses } from './expenses/expenses.resource.js';
import { invoices } from './invoices/invoices.resource.js';

/** Two audiences in one process: a token for the invoices opens no expenses. */
export const resources = (): readonly Resource[] => [invoices(), expenses()];

@Module({})
export class AppModule {
  static with(options: ResourceServerOptions): DynamicModule {
    return { module: AppModule, imports: [ResourceServerModule.forRoot(options)] };
  }
}

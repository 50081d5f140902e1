import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const PUBLIC_ROUTE = 'gatehouse:public';

/** Opens a route to callers that no guard has identified. Every route without it is closed. */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC_ROUTE, true);

// Requests to LiveKit in relation to what an exporter may ask for.
import { ofProjects, rateOf } from '../parts/selectors.ts';

/** Each exporter has a budget of its own for each project. */
const requestRate = `sum by (job, instance, project) (${rateOf(ofProjects('livekit_cloud_exporter_api_requests_total'))})`;

/** 0 to 1, by exporter and project. */
export const budgetUsed = `${requestRate} / ${ofProjects('livekit_cloud_exporter_api_budget_requests_per_second')}`;

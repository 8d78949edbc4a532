"""Which lists there are as files; the app registers them when it is ready."""

from accounts.exports import ListExport
from dispositions.exports.disputes import disputes
from dispositions.exports.leads import leads, nurture, queue
from dispositions.exports.marketing import campaigns, loop, spend
from dispositions.exports.team import at_risk, pipeline, rep, workload

LISTS = (
    ListExport("leads", "Leads", "leads", leads),
    ListExport("queue", "Queue", "queue", queue),
    ListExport("nurture", "Nurture", "nurture", nurture),
    ListExport("team-pipeline", "Pipeline", "team", pipeline),
    ListExport("team-workload", "Workload", "team", workload),
    ListExport("team-at-risk", "At risk", "team", at_risk),
    ListExport("rep-queue", "Queue of a rep", "team", rep),
    ListExport("loop", "Loop", "loop", loop),
    ListExport("disputes", "Disputes", "disputes", disputes),
    ListExport("campaigns", "Campaigns", "campaigns", campaigns),
    ListExport("campaign-spend", "Spend", "campaign-spend", spend),
)

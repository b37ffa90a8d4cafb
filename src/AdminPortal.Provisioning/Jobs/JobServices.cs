using AdminPortal.Provisioning.Background;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Provisioning.Jobs;

internal static class JobServices
{
    /// <summary>Adds bulk jobs and exports.</summary>
    public static void AddJobs(this IServiceCollection services)
    {
        services.AddSingleton<JobPauses>();
        services.AddSingleton<JobClaims>();
        services.AddSingleton<JobItemActions>();
        services.AddSingleton<JobResults>();
        services.AddSingleton<BulkJobService>();
        services.AddDueWork<BulkJobRunner>();
        services.AddSingleton<InstanceExport>();
    }
}

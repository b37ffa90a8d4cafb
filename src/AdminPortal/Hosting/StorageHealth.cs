using AdminPortal.Provisioning.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AdminPortal.Hosting;

/// <summary>Whether the portal can do its work: write to its database.</summary>
internal sealed class StorageHealth(StorageProbe probe) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await probe.LookAsync(cancellationToken) switch
        {
            null => HealthCheckResult.Healthy(),
            // It may pass by itself in a moment; everything else needs somebody.
            StorageProblem.Locked => HealthCheckResult.Degraded(nameof(StorageProblem.Locked)),
            { } problem => HealthCheckResult.Unhealthy(problem.ToString()),
        };
}

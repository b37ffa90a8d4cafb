using AdminPortal.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AdminPortal.Hosting;

/// <summary>Whether the portal can do its work: its database can be written, and no damage of it is known.</summary>
internal sealed class StorageHealth(StorageProbe probe, DamageWatch damage) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        damage.IsDamaged ? HealthCheckResult.Unhealthy(nameof(StorageProblem.Corrupt)) : await probe.LookAsync(cancellationToken) switch
        {
            null => HealthCheckResult.Healthy(),
            // It may pass by itself in a moment; everything else needs somebody.
            StorageProblem.Locked => HealthCheckResult.Degraded(nameof(StorageProblem.Locked)),
            { } problem => HealthCheckResult.Unhealthy(problem.ToString()),
        };
}

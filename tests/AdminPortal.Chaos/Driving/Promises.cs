namespace AdminPortal.Chaos.Driving;

/// <summary>What holds of every attempt, whatever happened to it.</summary>
public static class Promises
{
    /// <summary>Compares an attempt that is over with what the platform has and saw.</summary>
    /// <returns>The promise that was broken; null for none.</returns>
    public static async Task<string?> CheckAsync(PortalUnderTest portal, SandboxUnderTest sandbox, AttemptReport report)
    {
        var (asked, carriedOut) = await sandbox.CountCreationsAsync(report.PortalTag);
        var instances = await sandbox.InstancesAsync(report.PortalTag);
        if (!report.IsOver) return $"It is stuck in {report.State}.";
        if (carriedOut > 1) return $"{carriedOut} requests were carried out for one code.";
        if (instances.Count > 1) return $"The platform has {instances.Count} instances of one consent.";
        if (report.HasCode) return "Its code is still stored.";
        if (carriedOut != instances.Count) return $"{carriedOut} requests were carried out and the platform has {instances.Count} instances ({asked} asked).";
        if (report.State != "Active")
        {
            return instances.Count > 0 ? $"It ended as {report.State} ({report.Reason}), and the platform has an instance."
                : report.Reason is null ? $"It ended as {report.State} without a reason."
                : report.State is "Failed" or "Denied" or "Expired" ? null
                : $"It ended as {report.State}.";
        }

        if (instances is not [var (id, hash)] || id != report.PlatformInstanceId) return $"It is Active with {report.PlatformInstanceId}; the platform has {instances.Count} instances.";
        if (report.InstanceId is not { } instance) return "It is Active without an instance.";
        if (await portal.Main.TokenHashAsync(instance) is not { } stored) return "Its instance is not stored.";
        return stored == hash ? null : "The stored token is not the platform's.";
    }
}

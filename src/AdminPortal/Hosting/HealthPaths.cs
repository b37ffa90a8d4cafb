namespace AdminPortal.Hosting;

/// <summary>The addresses for load balancers and service managers. They are public.</summary>
internal static class HealthPaths
{
    /// <summary>The process answers requests; the database is not asked.</summary>
    public const string Live = "/health/live";

    /// <summary>The database can be read and written, and no damage of it is known.</summary>
    public const string Ready = "/health/ready";

    /// <summary>The name of <see cref="Ready"/> in release 0.1.</summary>
    public const string Former = "/health";
}

namespace AdminPortal.Provisioning.Secrets;

/// <summary>What every secret box can do.</summary>
internal static class SecretBoxes
{
    /// <summary>Opens a sealed value; null where it does not open.</summary>
    public static string? Find(this ISecretBox box, Secret secret, SecretOrigin destination)
    {
        try
        {
            return box.Open(secret, destination);
        }
        catch (SecretUnreadableException)
        {
            return null;
        }
    }
}

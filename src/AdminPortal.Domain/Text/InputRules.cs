namespace AdminPortal.Domain.Text;

/// <summary>The bounds of what people enter: forms, services and columns take them from here.</summary>
public static class InputRules
{
    public const int MaxInstanceNameLength = 255;
    public const int MaxTags = 20;
    public const int MaxTagLength = 64;
    public const int MaxConfigurationValueLength = 256;
    public const int MaxSecretLength = 512;
    public const int MaxLongValueLength = 20_000;
    public const int MaxSignInHosts = 10;
}

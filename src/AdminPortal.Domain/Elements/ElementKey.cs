namespace AdminPortal.Domain.Elements;

/// <summary>The platform's keys of the elements that reach Infusionsoft (now Keap).</summary>
public static class ElementKey
{
    public const string Crm = "infusionsoftcrm";
    public const string Marketing = "infusionsoftmarketing";
    public const string Rest = "infusionsoftrest";
    public const string Ecommerce = "infusionsoftecommerce";
    public const string Erp = "infusionsofterp";
}
